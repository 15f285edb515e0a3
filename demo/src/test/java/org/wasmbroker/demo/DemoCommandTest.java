package org.wasmbroker.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.cli.ExitCode;
import org.wasmbroker.cli.WasmBroker;

class DemoCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void isListedNextToTheBrokersCommands() {
    assertThat(run("--help")).isZero();
    assertThat(out.toString()).contains("demo", "invoke", "run");
  }

  @Test
  void explainsItself() {
    assertThat(run("demo", "--help")).isZero();
    assertThat(out.toString()).contains("Usage: wasm-broker demo", "--steps", "--tasker");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void rejectsAnUnknownOption() {
    assertThat(run("demo", "--stepz=3")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("--stepz");
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void rejectsFewerThanOneStep() {
    assertThat(run("demo", "--steps", "0")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("--steps must be at least 1, was 0");
  }

  @Test
  void withTaskerSaysWhereItsPartsComeFrom(@TempDir Path directory) throws Exception {
    assertThat(run("demo", "--tasker")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("./wasm-broker", "--tasker-parts");

    Files.createDirectory(directory.resolve("schema"));
    assertThat(
            run(
                "demo",
                "--tasker",
                "--tasker-parts=" + directory,
                "--tasker-examples=" + directory))
        .isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("tasker-server does not exist");
  }

  private int run(String... arguments) {
    var commandLine = WasmBroker.commandLine(new DemoCommand());
    commandLine.setOut(new PrintWriter(out, true));
    commandLine.setErr(new PrintWriter(err, true));
    return commandLine.execute(arguments);
  }
}
