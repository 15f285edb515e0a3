package org.wasmbroker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From {@code new --lang python} to a published handler, as docs/python.md says. */
class PythonTemplateTest {
  @TempDir private Path directory;
  private Path project;

  @BeforeEach
  void makeProject() {
    project = directory.resolve("hello");
    succeed("new", "hello", "--lang", "python", "--dir", project.toString());
  }

  @Test
  void aNewProjectIsTestedPublishedAndRun() throws IOException {
    assertThat(succeed("test", project.toString()).out())
        .contains("guest INFO: lines added up", "3 examples, all as expected");

    var modules = directory.resolve("modules");
    succeed("publish", project.toString(), modules.toString());
    assertThat(Files.readAllBytes(modules.resolve("hello/1.0.0/module.wasm")))
        .endsWith(Files.readAllBytes(project.resolve("handler.py")));

    var input = project.resolve("input.json").toString();
    assertThat(succeed("invoke", "hello", "-s", "registry.directory=" + modules, "--input", input))
        .extracting(CommandRun::out)
        .asString()
        .isEqualToIgnoringNewLines(
            "{\"status\":\"completed\",\"result\":"
                + "{\"net_cents\":500,\"tax_cents\":95,\"total_cents\":595}}");
  }

  @Test
  void mistakesInTheScriptAreShownWithTheirPlaces() throws IOException {
    replace("tax = net *", "tax = net.missing *");
    assertThat(failedTest()).contains("script_error", "AttributeError", "(handler.py:15)");

    replace("tax = net.missing *", "tax = = net *");
    assertThat(failedTest()).contains("script_syntax_error", "(handler.py:15:");
  }

  private String failedTest() {
    var run = CommandRun.of("test", project.toString());
    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
    return run.out();
  }

  private void replace(String from, String to) throws IOException {
    var path = project.resolve("handler.py");
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
