package org.wasmbroker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.project.NewProject;
import org.wasmbroker.project.Template;
import tools.jackson.databind.json.JsonMapper;

/** {@code test} builds a project, runs its examples, and shows what is not as expected. */
class TestCommandTest {
  @TempDir private Path directory;
  private Path project;

  /** This is also the test of the template. */
  @BeforeEach
  void makeProject() throws IOException {
    project = directory.resolve("hello");
    NewProject.create(Template.of("wat"), "hello", project);
  }

  @Test
  void theExamplesOfANewProjectAreAsExpected() {
    var run = run();

    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(run.out())
        .contains("ok     a greeting", "guest INFO: greeted", "3 examples, all as expected");
    assertThat(run.err()).isEmpty();
  }

  @Test
  void anExampleThatEndsOtherwiseFailsWithItsDifferences() throws IOException {
    replace("manifest.json", "Hello, Ada!", "Hello, Bob!");
    var run = run();

    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(run.out())
        .contains(
            "FAILED a greeting",
            "/result/greeting",
            "expected \"Hello, Bob!\"",
            "was      \"Hello, Ada!\"",
            "ok     a name with quotes",
            "1 of 3 examples failed");
  }

  @Test
  void printsTheOutcomesAsJson() throws IOException {
    replace("manifest.json", "Hello, Ada!", "Hello, Bob!");
    var run = run("--json", "--filter", "a greeting");

    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
    var printed = JsonMapper.shared().readTree(run.out());
    assertThat(printed.get("handler").stringValue()).isEqualTo("hello");
    assertThat(printed.get("failed").intValue()).isOne();
    assertThat(printed.get("examples")).hasSize(1);
    var example = printed.at("/examples/0");
    assertThat(example.get("matched").booleanValue()).isFalse();
    assertThat(example.at("/differences/0/pointer").stringValue()).isEqualTo("/result/greeting");
    assertThat(example.at("/differences/0/actual").stringValue()).isEqualTo("Hello, Ada!");
    assertThat(example.at("/log/0/message").stringValue()).isEqualTo("greeted");
    assertThat(example.get("memory_bytes").intValue()).isEqualTo(131072);
  }

  @Test
  void whatHappenedBecomesWhatIsExpectedOnDemand() throws IOException {
    replace("manifest.json", "Hello, Ada!", "Hello, Bob!");
    replace(
        "manifest.json",
        "{ \"error\": { \"type\": \"nobody\", \"retryable\": false } }",
        "{ \"result\": null }");
    var update = run("--update");

    assertThat(update.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(update.err()).contains("now expects what happened in: a greeting, nobody to greet");
    assertThat(run().out()).contains("3 examples, all as expected");
    assertThat(Files.readString(project.resolve("manifest.json")))
        .contains("{\"result\":{\"greeting\":\"Hello, Ada!\"}}")
        .contains("{\"error\":{\"type\":\"nobody\",\"retryable\":false}}");
    try (var files = Files.list(project)) {
      assertThat(files.map(file -> String.valueOf(file.getFileName())))
          .containsExactlyInAnyOrderElementsOf(
              Template.of("wat").files().stream()
                  .map(name -> name.equals("gitignore") ? ".gitignore" : name)
                  .toList());
    }
  }

  @Test
  void aFilterThatNothingMatchesIsAUsageError() {
    var run = run("--filter", "none of them");

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("none of them", "a greeting").doesNotContain("Exception");
  }

  @Test
  void aMistakeInTheTextIsShownWithItsLine() throws IOException {
    replace("handler.wat", "(func $skip", "(fnc $skip");
    var run = run();

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("handler.wat is not a module", "--> handler.wat:", "(fnc $skip");
  }

  @Test
  void aModuleThatTheBrokerRefusesIsRefusedHereWithTheReason() throws IOException {
    replace("handler.wat", "\"wasm_broker_v1\" \"log\"", "\"wasm_broker_v1\" \"logg\"");
    var run = run();

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("the broker refuses the module handler.wat", "logg");
  }

  @Test
  void anInvalidManifestIsShownWithAllItsProblems() throws IOException {
    replace("manifest.json", "\"abi\": \"1\"", "\"abi\": \"2\", \"autor\": 1");
    var run = run();

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("abi", "autor").doesNotContain("Exception");
  }

  @Test
  void theLimitsAreThoseOfTheManifest() throws IOException {
    replace("manifest.json", "\"memory_bytes\": 1048576", "\"memory_bytes\": 65536");
    var run = run();

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("memory", "65536");
  }

  @Test
  void aProjectWithoutExamplesIsTold() throws IOException {
    var text = Files.readString(project.resolve("manifest.json"));
    Files.writeString(
        project.resolve("manifest.json"),
        text.substring(0, text.indexOf(",\n  \"examples\"")) + "}");
    var run = run();

    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(run.out()).contains("hello 1.0.0 has no examples");
  }

  @Test
  void aBuildThatFailsIsShownAndNothingRuns() throws IOException {
    Files.writeString(
        project.resolve("handler.yaml"),
        "{module: out/a.wasm, build: [sh, -c, 'echo line 7 is wrong; exit 3']}");
    var run = run();

    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .contains("building: sh -c", "line 7 is wrong", "the build failed", "exit code 3");
  }

  @Test
  void aMissingToolIsUnavailableWithHowToInstallIt() throws IOException {
    Files.writeString(
        project.resolve("handler.yaml"),
        "{module: out/a.wasm, build: [no-such-cc], tools: {no-such-cc: apt-get install it}}");
    var run = run();

    assertThat(run.exitCode()).isEqualTo(ExitCode.UNAVAILABLE);
    assertThat(run.err()).contains("'no-such-cc' is missing: apt-get install it");
  }

  @Test
  void aDirectoryThatIsNoProjectIsAUsageError() {
    var run = CommandRun.of("test", directory.toString());

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("has no manifest.json", "wasm-broker new");
  }

  private CommandRun run(String... further) {
    return CommandRun.of(further, "test", project.toString());
  }

  private void replace(String file, String old, String replacement) throws IOException {
    var text = Files.readString(project.resolve(file));
    assertThat(text).contains(old);
    Files.writeString(project.resolve(file), text.replace(old, replacement));
  }
}
