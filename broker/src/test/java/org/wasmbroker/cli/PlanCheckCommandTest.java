package org.wasmbroker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

/** With the handlers that come with the broker, in the sandbox. */
class PlanCheckCommandTest {
  private static final JsonMapper JSON = JsonMapper.shared();

  @TempDir private Path directory;

  private CommandRun check(String yaml, String... options) throws IOException {
    var file = directory.resolve("plan.yaml");
    Files.writeString(file, yaml);
    return CommandRun.of(options, "plan", "check", file.toString());
  }

  @Test
  void needsASubcommand() {
    var run = CommandRun.of("plan");

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("plan check FILE");
  }

  @Test
  void mistakesInFiltersAreToldWithTheirPlaces() throws IOException {
    var run =
        check(
            """
            plan: 1
            steps:
              - name: syntax
                handler: transform
                config:
                  filter: |
                    .context
                    | {a: }
              - name: undefined
                handler: transform
                config: {filter: ".context | fits"}
              - name: schema
                handler: validate
                config: {schema: {type: objekt}}
              - name: extract
                handler: http_request
                config: {url: "https://api.example.com/", response_extract: ".items["}
              - name: right
                handler: transform
                config: {filter: ".context.missing.value | ascii_downcase"}
            """);

    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(run.out())
        .contains(
            ":6:7: error: /steps/0/config/filter: ",
            "line 2, column 7",
            "/steps/1/config/filter: ",
            "fits",
            "/steps/2/config/schema",
            "/steps/3/config/response_extract: ")
        .doesNotContain("/steps/4");
    assertThat(run.out()).contains("invalid ", "5 steps");
  }

  @Test
  void nothingIsSentByACheck() throws IOException {
    try (var server = new java.net.ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
      var url = "http://127.0.0.1:" + server.getLocalPort() + "/";
      var policy = directory.resolve("policy.yaml");
      Files.writeString(
          policy,
          """
          handlers:
            - handler: http_request
              http: [{url: "%s", networks: [127.0.0.0/8]}]
          """
              .formatted(url));

      var run =
          check(
              "plan: 1\nsteps:\n  - {name: a, handler: http_request, config: {url: \"%s\"}}\n"
                  .formatted(url),
              "--policy",
              policy.toString());

      assertThat(run.exitCode()).as(run.out() + run.err()).isEqualTo(ExitCode.OK);
      server.setSoTimeout(1);
      org.assertj.core.api.Assertions.assertThatThrownBy(server::accept)
          .isInstanceOf(java.net.SocketTimeoutException.class);
    }
  }

  @Test
  void aFilterThatDoesNotEndHoldsTheCheckUpForLittleTime() throws IOException {
    var run =
        check(
            "plan: 1\nsteps:\n  - {name: a, handler: transform, config: {filter: \"last(repeat(1))\"}}\n");

    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(run.out())
        .contains("warning: /steps/0/config: could not be tried", "limit_exceeded");
  }

  @Test
  void printsOneDocumentForPrograms() throws IOException {
    var run = check("plan: 1\nsteps:\n  - {name: a, handler: transfrom}\n", "--json");

    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
    var report = JSON.readTree(run.out());
    assertThat(report.path("valid").booleanValue()).isFalse();
    assertThat(report.at("/findings/0/severity").stringValue()).isEqualTo("error");
    assertThat(report.at("/findings/0/rule").stringValue()).isEqualTo("handler");
    assertThat(report.at("/findings/0/line").intValue()).isEqualTo(3);
    assertThat(report.at("/findings/0/pointer").stringValue()).isEqualTo("/steps/0/handler");
  }

  @Test
  void aMissingFileIsUnavailable() {
    var run = CommandRun.of("plan", "check", directory.resolve("none.yaml").toString());

    assertThat(run.exitCode()).isEqualTo(ExitCode.UNAVAILABLE);
    assertThat(run.err()).contains("no such file");
  }

  static Stream<Path> templates() throws IOException {
    try (var files = Files.list(Path.of("..", "docs", "examples", "tasker"))) {
      return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("templates")
  void theExamplesOfTaskTemplatesAreValid(Path template) {
    var run = CommandRun.of("plan", "check", template.toString());

    assertThat(run.out()).doesNotContain("error: ").contains("valid");
    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
  }
}
