package org.wasmbroker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

class CapabilitiesCommandTest {
  private static final JsonMapper JSON = JsonMapper.shared();

  @TempDir private Path directory;

  @Test
  void writesEveryInstalledHandler() {
    var run = CommandRun.of("capabilities");

    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(run.err()).isEmpty();
    var names =
        JSON.readTree(run.out())
            .path("handlers")
            .valueStream()
            .map(handler -> handler.path("name").stringValue());
    assertThat(names).contains("transform", "validate", "http_request");
  }

  @Test
  void writesOnlyTheNamedHandlersInEachFormat() {
    for (var format : new String[] {"json", "openai", "anthropic", "mcp"}) {
      var run = CommandRun.of("capabilities", "--format", format, "transform@1", "validate");

      assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.OK);
      assertThat(JSON.readTree(run.out()).isMissingNode()).isFalse();
      assertThat(run.out()).contains("transform", "validate").doesNotContain("x-means\":\"url");
    }
    assertThat(CommandRun.of("capabilities", "--format", "markdown", "validate").out())
        .contains("## validate")
        .doesNotContain("## transform");
  }

  @Test
  void tellsWhatAHandlerMayReachUnderAPolicy() throws IOException {
    var policy = directory.resolve("policy.yaml");
    Files.writeString(
        policy,
        """
        handlers:
          - handler: http_request
            http:
              - GET https://api.example.com/v1
        """);

    var run = CommandRun.of("capabilities", "http_request", "--policy", policy.toString());

    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.OK);
    assertThat(JSON.readTree(run.out()).at("/handlers/0/reach/destinations/0").stringValue())
        .startsWith("GET https://api.example.com/v1");
    assertThat(
            CommandRun.of(
                    "capabilities", "http_request", "--format=mcp", "--policy", policy.toString())
                .out())
        .contains("May reach: GET https://api.example.com/v1", "\"openWorldHint\":true");
  }

  @Test
  void anUnknownHandlerOrFormatIsRefusedWithTheNearest() {
    var handler = CommandRun.of("capabilities", "transfrom");
    assertThat(handler.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(handler.err()).contains("did you mean 'transform'?");

    var version = CommandRun.of("capabilities", "transform@9");
    assertThat(version.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(version.err()).contains("there is 1.0.0");

    var format = CommandRun.of("capabilities", "--format", "markdwon");
    assertThat(format.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(format.err()).contains("did you mean 'markdown'?");
  }

  @Test
  void aBrokenHandlerIsToldAndHidesNoOther() throws IOException {
    var broken = Files.createDirectories(directory.resolve("broken/1.0.0"));
    Files.writeString(broken.resolve("manifest.json"), "{");
    Files.write(broken.resolve("module.wasm"), new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0});

    var run = CommandRun.of("capabilities", "-s", "registry.directory=" + directory);

    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(run.err()).contains("broken/1.0.0/manifest.json");
    assertThat(run.out()).contains("\"transform\"");
  }

  @Test
  void aHandlerThatThePolicyDoesNotLetRunIsNoTool() throws IOException {
    var own = Files.createDirectories(directory.resolve("modules/own/1.0.0"));
    Files.writeString(
        own.resolve("manifest.json"), "{\"name\":\"own\",\"version\":\"1.0.0\",\"abi\":\"1\"}");
    Files.write(own.resolve("module.wasm"), new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0});
    var policy = directory.resolve("policy.yaml");
    Files.writeString(policy, "approval:\n  required: [own]\n");
    var arguments =
        new String[] {
          "-s", "registry.directory=" + directory.resolve("modules"), "--policy", policy.toString()
        };

    var tools = CommandRun.of(arguments, "capabilities", "--format", "openai");
    var all = CommandRun.of(arguments, "capabilities", "own");

    assertThat(tools.out()).doesNotContain("\"own\"");
    assertThat(tools.err()).contains("left out: own@1.0.0");
    assertThat(JSON.readTree(all.out()).at("/handlers/0/state").stringValue())
        .isEqualTo("awaiting_approval");
  }
}
