package org.wasmbroker.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.app.McpService;
import org.wasmbroker.mcp.PipedClient;
import org.wasmbroker.testing.Await;
import org.wasmbroker.testing.HostileGuests;
import org.wasmbroker.testing.RawServer;
import org.wasmbroker.testing.TestModules;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The tools of an MCP server are the broker's handlers, in its sandbox, under its policy. */
class McpCommandTest {
  /** Of all tests, so that each module is compiled once. */
  @TempDir private static Path compiled;

  @TempDir private Path directory;

  private McpService service(String... settings) throws IOException {
    return service(Map.of(), settings);
  }

  private McpService service(Map<String, String> environment, String... settings)
      throws IOException {
    var modules = directory.resolve("modules");
    TestModules.add(modules, "endless-loop", HostileGuests.module("endless-loop"));
    var all = new LinkedHashMap<String, String>();
    all.put("registry.directory", modules.toString());
    all.put("engine.compile-cache", compiled.toString());
    for (var setting : settings) {
      var parts = setting.split("=", 2);
      all.put(parts[0], parts[1]);
    }
    return McpServices.start(
        environment,
        all,
        problem -> {
          throw new AssertionError(problem);
        });
  }

  private static String call(int id, String tool, String arguments) {
    return """
    {"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"%s","arguments":%s,"_meta":{"progressToken":%1$d}}}"""
        .formatted(id, tool, arguments);
  }

  /** Waits until the call has told of its progress in these words. */
  private static void awaitProgress(PipedClient client, int call, String words) {
    JsonNode told;
    do {
      told = client.awaitNotification("notifications/progress").path("params");
    } while (told.path("progressToken").asInt(0) != call
        || !told.path("message").asString("").contains(words));
  }

  private static void cancel(PipedClient client, int call) {
    client.send(
        "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":%d}}"
            .formatted(call));
  }

  @ParameterizedTest
  @ValueSource(strings = {"wasmtime", "wasmtime-java"})
  void aCallRunsTheHandlerAndAnEndlessOneStopsWhenItIsCancelled(String engine) throws IOException {
    try (var service = service("engine.name=" + engine, "limits.time=60s");
        var client = new PipedClient(service.server()).initialized()) {
      var sum =
          client.ask(call(1, "transform", "{\"filter\":\".context|add\",\"context\":[40,2]}"));
      assertThat(sum.path("result").path("content").path(0).path("text").asString(""))
          .isEqualTo("42");

      client.send(call(2, "endless-loop", "{}"));
      awaitProgress(client, 2, "runs");
      cancel(client, 2);
      client.end();

      assertThat(client.answer().isNull()).as("it ends, and is not answered").isTrue();
    }
  }

  @Test
  void aCancelledCallEndsItsGuestAndMakesRoomForTheNext() throws IOException {
    try (var service = service("mcp.calls=1", "limits.time=1h");
        var client = new PipedClient(service.server()).initialized()) {
      client.send(call(1, "endless-loop", "{}"));
      awaitProgress(client, 1, "runs");
      var sum = "{\"filter\":\"1+1\"}";
      assertThat(client.ask(call(2, "transform", sum)).path("error").path("code").asInt(0))
          .as("there is no room")
          .isEqualTo(-32000);

      cancel(client, 1);

      Await.until(
          "the next call is served", () -> client.ask(call(3, "transform", sum)).has("result"));
    }
  }

  @Test
  void callsWaitForMemoryAsStepsOfAQueueDo() throws IOException {
    try (var service = service("dispatch.memory=40MiB", "limits.time=1h");
        var client = new PipedClient(service.server()).initialized()) {
      client.send(call(1, "endless-loop", "{}"));
      awaitProgress(client, 1, "runs");
      client.send(call(2, "endless-loop", "{}"));
      awaitProgress(client, 2, "waits");

      cancel(client, 1);

      awaitProgress(client, 2, "runs");
      cancel(client, 2);
      client.end();
      assertThat(client.answer().isNull()).as("nothing is answered").isTrue();
    }
  }

  @Test
  void theToolIsTheVersionThatTheRolloutHasForStable() throws IOException {
    var modules = directory.resolve("modules");
    for (int version = 1; version <= 2; version++) {
      TestModules.addFixed(
          modules,
          "hello",
          version + ".0.0",
          "{\"status\":\"completed\",\"result\":{\"a\":%d}}".formatted(version));
    }
    var rollout =
        Files.writeString(
            directory.resolve("rollout.yaml"), "handlers: { hello: { stable: 1.0.0 } }");
    try (var service = service("rollout.file=" + rollout);
        var client = new PipedClient(service.server()).initialized()) {
      assertThat(
              client
                  .ask(call(1, "hello", "{}"))
                  .path("result")
                  .path("structuredContent")
                  .toString())
          .isEqualTo("{\"a\":1}");
      assertThat(
              client
                  .ask(
                      """
                      {"jsonrpc":"2.0","id":2,"method":"resources/read",
                       "params":{"uri":"wasm-broker://handlers/hello"}}""")
                  .path("result")
                  .toString())
          .contains("1.0.0");
    }
  }

  @Test
  void aCallIsASpanIfTracesAreOn() throws IOException {
    try (var collector = RawServer.responding("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) {
      try (var service =
              service(Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url()), "traces.flush=10s");
          var client = new PipedClient(service.server()).initialized()) {
        assertThat(client.ask(call(1, "transform", "{\"filter\":\"1\"}")).has("result")).isTrue();
      }

      assertThat(collector.requests())
          .anySatisfy(request -> assertThat(request).contains("tools/call transform"));
    }
  }

  @Test
  void aDestinationThatIsNotGrantedIsRefusedAsInAQueue() throws IOException {
    var arguments = "{\"url\":\"http://127.0.0.1:9/\"}";
    var input = Files.writeString(directory.resolve("step.json"), "{\"config\":" + arguments + "}");
    var invoked = CommandRun.of("invoke", "http_request", "-i", input.toString());

    try (var service = service();
        var client = new PipedClient(service.server()).initialized()) {
      var result = client.ask(call(1, "http_request", arguments)).path("result");

      assertThat(result.path("isError").asBoolean(false)).isTrue();
      assertThat(
              JsonMapper.shared()
                  .readTree(result.path("content").path(0).path("text").asString("")))
          .isEqualTo(JsonMapper.shared().readTree(invoked.out()));
    }
  }

  @Test
  void aHandlerThatThePolicyDoesNotLetRunIsNoTool() throws IOException {
    var policy = Files.writeString(directory.resolve("policy.yaml"), "approval: required");
    try (var service = service("policy.file=" + policy);
        var client = new PipedClient(service.server()).initialized()) {
      var tools = client.ask("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}");

      var names = new ArrayList<String>();
      tools.path("result").path("tools").forEach(tool -> names.add(tool.path("name").asString("")));
      assertThat(names).contains("transform").doesNotContain("endless-loop");
      assertThat(client.ask(call(2, "endless-loop", "{}")).path("error").path("code").asInt(0))
          .isEqualTo(-32602);
    }
  }

  @Test
  void aModuleThatIsAddedIsAToolSoon() throws IOException {
    try (var service = service("registry.rescan=1s");
        var client = new PipedClient(service.server()).initialized()) {
      TestModules.addFixed(
          directory.resolve("modules"), "hello", "{\"status\":\"completed\",\"result\":{\"a\":1}}");

      var _ = client.awaitNotification("notifications/tools/list_changed");
      assertThat(
              client
                  .ask(call(1, "hello", "{}"))
                  .path("result")
                  .path("structuredContent")
                  .toString())
          .isEqualTo("{\"a\":1}");
    }
  }

  @Test
  void listsTheSameToolsAsCapabilities() throws IOException {
    var printed =
        JsonMapper.shared().readTree(CommandRun.of("capabilities", "--format", "mcp").out());
    try (var service = service("mcp.tools=transform,validate,http_request,notify,decide,gate");
        var client = new PipedClient(service.server()).initialized()) {
      var listed =
          client.ask("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}").path("result");

      assertThat(listed.path("tools").valueStream().toList())
          .hasSize(6)
          .isSubsetOf(printed.path("tools").valueStream().toList());
    }
  }

  @Test
  void theCallsOfTheDocumentationDoWhatItSays() throws IOException {
    var document = Files.readString(Path.of("..", "docs", "agents.md"));
    try (var service = service();
        var client = new PipedClient(service.server())) {
      var blocks =
          Pattern.compile("```json (?:session|alone)\\n(.*?)```", Pattern.DOTALL).matcher(document);
      var answers = new ArrayList<JsonNode>();
      while (blocks.find()) {
        for (var message : blocks.group(1).lines().toList()) {
          client.send(message);
          if (message.contains("\"id\"")) {
            answers.add(client.answer().path("result"));
          }
        }
      }

      assertThat(answers).hasSize(3);
      assertThat(answers.get(1).path("content").path(0).path("text").asString("")).isEqualTo("42");
      assertThat(answers.get(2).path("structuredContent").toString()).isEqualTo("{\"sum\":42}");
    }
  }

  @Test
  void addressesAreHostAndPortOrAPort() {
    assertThat(AddressOption.parse("--http", "8765").getHostString()).isEqualTo("127.0.0.1");
    assertThat(AddressOption.parse("--http", "[::1]:0").getPort()).isZero();
    for (var wrong : List.of("", "host:", "127.0.0.1:99999", ":80", "a:b:c")) {
      assertThatThrownBy(() -> AddressOption.parse("--http", wrong))
          .isInstanceOf(UsageException.class);
    }
  }

  @Test
  void anAddressThatOthersReachNeedsTokens() {
    var run = CommandRun.of("mcp", "--http", "0.0.0.0:0", "-s", "http.port=0");

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("mcp.token-file");
  }

  @Test
  void unknownOptionsAreUsageErrors() {
    assertThat(CommandRun.of("mcp", "--stdout").exitCode()).isEqualTo(ExitCode.USAGE);
  }
}
