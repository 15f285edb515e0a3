package org.wasmbroker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class VersionCommandTest {
  @Test
  void namesBrokerEnginesAndAbi() {
    var run = CommandRun.of("version");

    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(run.out())
        .contains("wasm-broker", "guest ABI    v1", "wasmtime 50.0.1", "wasmtime-java 0.19.0");
    assertThat(run.err()).isEmpty();
  }

  @Test
  void theOptionPrintsTheSameAsTheCommand() {
    assertThat(CommandRun.of("--version")).isEqualTo(CommandRun.of("version"));
  }

  @Test
  void takesNoArguments() {
    var run = CommandRun.of("version", "please");

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("please");
    assertThat(run.out()).isEmpty();
  }
}
