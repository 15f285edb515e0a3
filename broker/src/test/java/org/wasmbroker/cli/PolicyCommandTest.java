package org.wasmbroker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.signature.TestKeys;
import tools.jackson.databind.json.JsonMapper;

class PolicyCommandTest {
  @TempDir private Path directory;

  @Test
  void needsASubcommand() {
    var run = CommandRun.of("policy");

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("policy explain HANDLER", "policy check FILE");
    assertThat(run.out()).isEmpty();
  }

  @Test
  void bothSubcommandsHaveHelp() {
    for (var subcommand : new String[] {"explain", "check"}) {
      var run = CommandRun.of("policy", subcommand, "--help");

      assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
      assertThat(run.out()).contains("Usage: wasm-broker policy " + subcommand);
      assertThat(run.err()).isEmpty();
    }
  }

  @Test
  void explainsAPolicyToPeople() throws IOException {
    var run = CommandRun.of("policy", "explain", "transform@1", "--policy", imagePolicy());

    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(run.out())
        .contains(
            "transform@1.0.0",
            "defaults, handlers[0]",
            "GET,HEAD https://a.example/ [handlers[0].http[0]]",
            "class            image");
    assertThat(run.err()).isEmpty();
  }

  @Test
  void explainsAPolicyAsJson() throws IOException {
    var run =
        CommandRun.of(
            "policy", "explain", "transform", "-s", "policy.file=" + imagePolicy(), "--json");

    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
    var json = JsonMapper.shared().readTree(run.out());
    assertThat(json.at("/granted/destinations/0").stringValue())
        .isEqualTo("GET,HEAD https://a.example/ [handlers[0].http[0]]");
    assertThat(json.at("/effective/destinations").isEmpty()).isTrue();
    assertThat(json.at("/effective/class").stringValue()).isEqualTo("image");
    assertThat(json.at("/limits/memory").stringValue()).isEqualTo("32 MiB");
  }

  @Test
  void explainsTheEffectiveGrantsWithoutAPolicyFile() {
    var run = CommandRun.of("policy", "explain", "transform");

    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(run.out()).contains("no policy file", "everything that is requested is granted");
  }

  @Test
  void explainRejectsUnknownAndInvalidHandlers() {
    var unknown = CommandRun.of("policy", "explain", "transfrom");
    assertThat(unknown.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(unknown.err()).contains("transfrom").doesNotContain("Exception");
    assertThat(unknown.out()).isEmpty();

    var invalid = CommandRun.of("policy", "explain", "no/name");
    assertThat(invalid.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(invalid.err()).contains("no/name").doesNotContain("Exception");

    assertThat(CommandRun.of("policy", "explain").exitCode()).isEqualTo(ExitCode.USAGE);
  }

  @Test
  void explainRejectsAnInvalidPolicyFile() throws IOException {
    var run = CommandRun.of("policy", "explain", "transform", "--policy", invalidPolicy());

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains(":1:1: /handler", "did you mean 'handlers'?");
  }

  @Test
  void checkAcceptsAValidFile() throws IOException {
    var file = Files.writeString(directory.resolve("good.yaml"), "handlers: [{handler: h}]");

    var run = CommandRun.of("policy", "check", file.toString());

    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(run.out()).contains("valid", "1 rule", "class text", "class media");
    assertThat(run.err()).isEmpty();
  }

  @Test
  void whatIsDemandedOfModulesIsToldByCheckAndExplain() throws IOException {
    var pem = TestKeys.publicPem(TestKeys.p256()).indent(8);
    var file =
        Files.writeString(
                directory.resolve("signed.yaml"),
                """
                signatures:
                  keys:
                    old:
                      not-after: 2020-12-31
                      pem: |
                %s
                  rules:
                    - {handlers: "tr*", any-of: old}
                approval: {required: "*", except: hello}
                """
                    .formatted(pem))
            .toString();

    assertThat(CommandRun.of("policy", "check", file).out())
        .contains(
            "key old            ECDSA P-256 sha256:",
            "over since 2021-01-01T00:00:00Z",
            "modules of tr*: signed by key old",
            "modules of * except hello: approved by a person");
    assertThat(CommandRun.of("policy", "explain", "transform", "--policy", file).out())
        .contains(
            "before it runs, unless it comes with the broker",
            "signed by key old (signatures.rules[0])",
            "approved by a person (approval)");
    var json = CommandRun.of("policy", "explain", "transform", "--policy", file, "--json").out();
    assertThat(JsonMapper.shared().readTree(json).at("/demands").size()).isEqualTo(2);
  }

  @Test
  void checkReportsAllProblems() throws IOException {
    var run = CommandRun.of("policy", "check", invalidPolicy());

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err())
        .contains(
            ":1:1: /handler",
            "did you mean 'handlers'?",
            ":2:1: /clases",
            "did you mean 'classes'?");
    assertThat(run.out()).isEmpty();
  }

  @Test
  void checkRejectsAMissingFile() {
    var run = CommandRun.of("policy", "check", directory.resolve("none.yaml").toString());

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("none.yaml").doesNotContain("Exception");
  }

  private String imagePolicy() throws IOException {
    return Files.writeString(
            directory.resolve("policy.yaml"),
            "handlers: [{handler: transform, class: image, http: [https://a.example]}]")
        .toString();
  }

  private String invalidPolicy() throws IOException {
    return Files.writeString(directory.resolve("bad.yaml"), "handler: []\nclases: {}\n").toString();
  }
}
