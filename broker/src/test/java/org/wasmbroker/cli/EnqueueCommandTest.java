package org.wasmbroker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EnqueueCommandTest {
  private static final String MESSAGE =
      "{\"step_uuid\":\"0199d6a2-6c1e-7d1a-a1f0-0a4b5c6d7e8f\",\"handler\":\"transform\"}";

  @TempDir private Path directory;

  @Test
  void sendsNothingIfAMessageIsInvalid() throws IOException {
    var file = file("{\"handler\":\"transform\"}\n" + MESSAGE + "\n{\"step_uuid\":5}\n");

    var run = CommandRun.of("enqueue", file);

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err())
        .contains("nothing was sent", "message 1", "step_uuid", "message 3")
        .doesNotContain("Exception", "message 2");
    assertThat(run.out()).isEmpty();
  }

  @Test
  void namesThePlaceOfASyntaxError() throws IOException {
    var run = CommandRun.of("enqueue", file(MESSAGE + "\n{\"step_uuid\": nope}\n"));

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("messages.ndjson:2:", "is not valid JSON");
  }

  @Test
  void rejectsAnEmptyFile() throws IOException {
    var run = CommandRun.of("enqueue", file(""));

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("no messages in");
  }

  @Test
  void aMissingFileIsUnavailable() {
    var run = CommandRun.of("enqueue", directory.resolve("none.json").toString());

    assertThat(run.exitCode()).isEqualTo(ExitCode.UNAVAILABLE);
    assertThat(run.err()).contains("no such file", "none.json").doesNotContain("Exception");
  }

  @Test
  void needsAFile() {
    var run = CommandRun.of("enqueue");

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("FILE");
  }

  @Test
  void rejectsAnInvalidQueueName() throws IOException {
    var run = CommandRun.of("enqueue", file(MESSAGE), "--queue", "no queue");

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("queue.name", "no queue");
  }

  @Test
  void anUnreachableDatabaseIsNamed() throws IOException {
    var run = CommandRun.of(CommandRun.UNREACHABLE, "enqueue", file(MESSAGE));

    assertThat(run.exitCode()).isEqualTo(ExitCode.UNAVAILABLE);
    assertThat(run.err()).contains("127.0.0.1:1").doesNotContain("Exception", "\tat ");
    assertThat(run.out()).isEmpty();
  }

  private String file(String text) throws IOException {
    return Files.writeString(directory.resolve("messages.ndjson"), text).toString();
  }
}
