package org.wasmbroker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** From {@code new --lang js} to a published handler, as docs/javascript.md says. */
class JavaScriptTemplateTest {
  @TempDir private Path directory;
  private Path project;

  @BeforeEach
  void makeProject() {
    project = directory.resolve("hello");
    succeed("new", "hello", "--lang", "js", "--dir", project.toString());
  }

  @Test
  void aNewProjectIsTestedPublishedAndRun() throws IOException {
    assertThat(succeed("test", project.toString()).out())
        .contains("guest INFO: added up 2 lines", "2 examples, all as expected");

    var published = succeed("publish", project.toString(), modules(), "--json");
    var digest = JsonMapper.shared().readTree(published.out()).at("/digest").stringValue();
    assertThat(digest).startsWith("sha256:");

    var run =
        succeed(
            "invoke",
            "hello",
            "-s",
            "registry.directory=" + modules(),
            "--input",
            input().toString());
    assertThat(run.out())
        .isEqualToIgnoringNewLines(
            "{\"status\":\"completed\",\"result\":{\"total\":20.29,\"currency\":\"USD\"}}");
    assertThat(run.err()).contains("added up 2 lines");
  }

  @Test
  void aPublishedVersionIsItsScriptAndCannotBeChanged() throws IOException {
    succeed("publish", project.toString(), modules());
    assertThat(succeed("inspect", published().toString()).out())
        .contains("wasm_broker.content", "prepare");
    assertThat(Files.readAllBytes(published()))
        .endsWith(Files.readAllBytes(project.resolve("handler.js")));

    replace("handler.js", "added up", "have added up");
    var changed = CommandRun.of("publish", project.toString(), modules());
    assertThat(changed.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(changed.err()).contains("raise the version", "nothing was published");
  }

  @Test
  void aMistakeInTheScriptIsShownWithItsPlace() throws IOException {
    replace("handler.js", "let cents = 0;", "let cents = ;");
    var run = CommandRun.of("test", project.toString());

    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(run.out()).contains("script_syntax_error", "(handler.js:16:15)");
  }

  @Test
  void anErrorInTheHandlerIsShownWithItsPlace() throws IOException {
    replace("handler.js", "line.price * CENTS", "line.price.amount.x * CENTS");
    var run = CommandRun.of("test", project.toString());

    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(run.out()).contains("script_error", "TypeError", "(handler.js:21:");
  }

  @Test
  void anInterpreterThatTheBrokerLacksIsNamedWithThoseThatItHas() throws IOException {
    replace("handler.yaml", "javascript@1.0.0", "javascript@9.0.0");
    var run = CommandRun.of("test", project.toString());

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err())
        .contains("no interpreter javascript@9.0.0, but javascript@1.0.0")
        .doesNotContain("Exception");
  }

  private String modules() {
    return directory.resolve("modules").toString();
  }

  private Path published() {
    return directory.resolve("modules/hello/1.0.0/module.wasm");
  }

  private Path input() {
    return project.resolve("input.json");
  }

  private void replace(String file, String from, String to) throws IOException {
    var path = project.resolve(file);
    var text = Files.readString(path);
    assertThat(text).contains(from);
    Files.writeString(path, text.replace(from, to));
  }

  private static CommandRun succeed(String... arguments) {
    var run = CommandRun.of(arguments);
    assertThat(run.exitCode()).as(run.err() + run.out()).isEqualTo(ExitCode.OK);
    return run;
  }
}
