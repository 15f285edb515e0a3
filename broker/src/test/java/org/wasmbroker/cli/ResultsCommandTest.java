package org.wasmbroker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ResultsCommandTest {
  @Test
  void anUnreachableDatabaseIsNamed() {
    var run = CommandRun.of(CommandRun.UNREACHABLE, "results");

    assertThat(run.exitCode()).isEqualTo(ExitCode.UNAVAILABLE);
    assertThat(run.err()).contains("127.0.0.1:1").doesNotContain("Exception", "\tat ");
    assertThat(run.out()).isEmpty();
  }

  @Test
  void takesNoArguments() {
    var run = CommandRun.of("results", "catalog_results");

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("catalog_results");
  }

  @Test
  void rejectsAnInvalidConfiguration() {
    var run = CommandRun.of("results", "-s", "queue.results=no queue");

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("queue.results");
  }
}
