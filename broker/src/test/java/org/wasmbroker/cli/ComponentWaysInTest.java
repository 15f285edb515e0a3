package org.wasmbroker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.mcp.PipedClient;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.testing.Components;
import tools.jackson.databind.json.JsonMapper;

/** Components are what every handler is for those who plan, and whichever way a call comes in. */
class ComponentWaysInTest {
  private static final JsonMapper JSON = JsonMapper.shared();

  @TempDir private Path directory;

  @BeforeEach
  void addComponents() throws IOException {
    add("echoes", Components.echo(), "\"capabilities\":{}");
    add("copy", Components.copying("0.2.6", 0), "\"capabilities\":{\"command\":{}}");
    add("copy_badly", Components.copying("0.2.6", 1), "\"capabilities\":{\"command\":{}}");
  }

  private void add(String handler, WasmBinary component, String rest) throws IOException {
    var home = Files.createDirectories(modules().resolve(handler).resolve("1.0.0"));
    Files.write(home.resolve("module.wasm"), component.bytes());
    Files.writeString(
        home.resolve("manifest.json"),
        """
        {"name":"%s","version":"1.0.0","abi":"1","description":"a component",
         "config_schema":{"type":"object","required":["text"],"properties":{"text":{"type":"string"}}},%s}
        """
            .formatted(handler, rest));
  }

  private Path modules() {
    return directory.resolve("modules");
  }

  @Test
  void aCallOfMcpRunsOne() {
    try (var service = McpServices.start(Map.of(), settings(), ComponentWaysInTest::fail);
        var client = new PipedClient(service.server()).initialized()) {
      var answer =
          client.ask(
              """
              {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echoes",\
              "arguments":{"text":"a","context":[1]}}}""");

      var result = answer.path("result");
      assertThat(result.path("isError").asBoolean(false)).as(answer.toString()).isFalse();
      var step = JSON.readTree(result.path("content").path(0).path("text").asString(""));
      assertThat(step.path("context").toString()).isEqualTo("[1]");
      assertThat(step.path("config").path("text").asString("")).isEqualTo("a");
    }
  }

  @Test
  void aSessionRunsThoseThatAreCommandsWithTheirStreamsAndExitCodes() {
    try (var session = Sessions.start(settings(), 1 << 20, 100, ComponentWaysInTest::fail)) {
      var _ =
          session
              .client()
              .ask("{\"id\":1,\"type\":\"write_file\",\"path\":\"a.txt\",\"content\":\"text\"}");
      var answer = session.client().shell("copy < a.txt > b; copy_badly < b || copy < b");

      assertThat(answer.path("exit_code").intValue()).as(answer.toString()).isZero();
      assertThat(answer.path("stdout").asString("")).isEqualTo("texttext");
    }
  }

  @Test
  void aPlanWithOneIsChecked() throws IOException {
    var plan = directory.resolve("plan.yaml");
    Files.writeString(
        plan,
        """
        plan: 1
        steps:
          - {name: right, handler: echoes, config: {text: a}}
          - {name: wrong, handler: echoes, config: {text: 1}}
        """);

    var run = CommandRun.of("plan", "check", plan.toString(), "-s", registry());

    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(run.out()).contains("/steps/1/config/text").doesNotContain("/steps/0");
  }

  @Test
  void capabilitiesTellOfOne() {
    var run = CommandRun.of("capabilities", "--format", "openai", "echoes", "-s", registry());

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains("\"echoes\"", "a component", "\"text\"");
  }

  private Map<String, String> settings() {
    return Map.of(
        "registry.directory",
        modules().toString(),
        "engine.compile-cache",
        directory.resolve("compiled").toString(),
        "limits.memory",
        "64MiB");
  }

  private String registry() {
    return "registry.directory=" + modules();
  }

  private static void fail(String problem) {
    throw new AssertionError(problem);
  }
}
