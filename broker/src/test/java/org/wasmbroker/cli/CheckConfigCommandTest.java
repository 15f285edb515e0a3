package org.wasmbroker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckConfigCommandTest {
  @TempDir private Path directory;

  @Test
  void showsWhereEachValueComesFrom() throws IOException {
    var file = Files.writeString(directory.resolve("broker.yaml"), "queue.name: thumbnails\n");

    var run = CommandRun.of("check-config", "-c", file.toString(), "-s", "dispatch.slots=3");

    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(run.out())
        .containsPattern("dispatch\\.slots +=? *3 .*command line")
        .containsPattern("queue\\.name +=? *thumbnails .*broker\\.yaml");
    assertThat(run.err()).isEmpty();
  }

  @Test
  void saysWhetherStepsAreTraced() {
    assertThat(CommandRun.of("check-config").out()).contains("traces (OTEL_*): off");
  }

  @Test
  void masksPasswords() {
    var run = CommandRun.of("check-config", "-s", "database.password=sesame");

    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(run.out()).contains("database.password").doesNotContain("sesame");
  }

  @Test
  void reportsAllProblemsAtOnce() {
    var run =
        CommandRun.of(
            "check-config", "-s", "dispatch.slots=0", "-s", "dispach.slots=2", "-s", "http.port=x");

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err())
        .contains("dispatch.slots", "dispach.slots", "http.port")
        .doesNotContain("Exception");
    assertThat(run.out()).isEmpty();
  }

  @Test
  void rejectsAMissingFile() {
    var run = CommandRun.of("check-config", "-c", directory.resolve("none.yaml").toString());

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("none.yaml").doesNotContain("Exception");
  }

  @Test
  void rejectsAnInvalidPolicyFile() throws IOException {
    var bad = Files.writeString(directory.resolve("bad.yaml"), "handlers: 3");

    var run = CommandRun.of("check-config", "-s", "policy.file=" + bad);

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains(bad + ":1", "handlers");
  }

  @Test
  void rejectsOptionsOfAnotherProtocol() {
    var run = CommandRun.of("check-config", "--namespace", "catalog");

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("--namespace requires --protocol tasker");
  }
}
