package org.wasmbroker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class DoctorCommandTest {
  @Test
  void anUnreachableDatabaseIsAFailedCheckWithARemedy() {
    var run = CommandRun.of(CommandRun.UNREACHABLE, "doctor");

    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(run.out())
        .contains("ok", "wasmtime", "transform@1.0.0", "failed", "127.0.0.1:1", "→", "1 failed");
    assertThat(run.err()).isEmpty();
  }

  @Test
  void printsOneJsonDocument() {
    var run = CommandRun.of(CommandRun.UNREACHABLE, "doctor", "--json");

    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
    var json = JsonMapper.shared().readTree(run.out());
    assertThat(json.at("/protocol").stringValue()).isEqualTo("standalone");
    assertThat(json.at("/failed").asInt()).isOne();
    assertThat(json.at("/findings").values())
        .anySatisfy(
            finding -> {
              assertThat(finding.path("level").stringValue()).isEqualTo("failed");
              assertThat(finding.path("detail").stringValue()).contains("127.0.0.1:1");
              assertThat(finding.path("remedy").isString()).isTrue();
            });
    assertThat(run.err()).isEmpty();
  }

  @Test
  void rejectsAnInvalidConfiguration() {
    var run = CommandRun.of("doctor", "--protocol", "taskr");

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("protocol", "taskr").doesNotContain("Exception");
    assertThat(run.out()).isEmpty();
  }

  @Test
  void rejectsOptionsOfAnotherProtocol() {
    var run = CommandRun.of("doctor", "--protocol", "tasker", "--queue", "mine");

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("--queue requires --protocol standalone");
  }
}
