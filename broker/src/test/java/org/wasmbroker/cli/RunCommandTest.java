package org.wasmbroker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RunCommandTest {
  @Test
  void rejectsAnInvalidConfiguration() {
    var run = CommandRun.of("run", "--slots", "0", "--engine", "v8");

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("dispatch.slots", "engine.name").doesNotContain("Exception");
    assertThat(run.out()).isEmpty();
  }

  @Test
  void rejectsAnUnknownOptionAndNamesTheRightOne() {
    var run = CommandRun.of("run", "--slot", "2");

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("--slot", "--slots");
  }

  @Test
  void rejectsOptionsOfAnotherProtocol() {
    var run = CommandRun.of("run", "--templates", "templates");

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("--templates requires --protocol tasker");
  }

  @Test
  void anEngineThatCannotBeLoadedIsUnavailable() {
    var run = CommandRun.of("run", "-s", "engine.library=/nowhere/libwasmtime.so");

    assertThat(run.exitCode()).isEqualTo(ExitCode.UNAVAILABLE);
    assertThat(run.err()).contains("/nowhere/libwasmtime.so").doesNotContain("\tat ");
  }
}
