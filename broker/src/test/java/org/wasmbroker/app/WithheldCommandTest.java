package org.wasmbroker.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.wasmbroker.sandbox.files.FileError;
import org.wasmbroker.sandbox.files.FileException;
import org.wasmbroker.sandbox.host.GuestCommand;
import org.wasmbroker.step.Document;

final class WithheldCommandTest {
  /** Takes standard output while there is room. */
  private static final class Streams implements GuestCommand {
    final StringBuilder out = new StringBuilder();
    final StringBuilder err = new StringBuilder();
    int exitCode = -1;
    boolean full;

    @Override
    public List<String> arguments() {
      return List.of("tool");
    }

    @Override
    public List<String> environment() {
      return List.of();
    }

    @Override
    public byte[] standardInput(long max) {
      return new byte[0];
    }

    @Override
    public boolean written(int stream, byte[] bytes) throws FileException {
      if (full && stream == 1) {
        throw new FileException(FileError.NO_SPACE);
      }
      (stream == 1 ? out : err).append(new String(bytes, UTF_8));
      return true;
    }

    @Override
    public Document end(End end) {
      exitCode = end.exitCode();
      return Document.EMPTY;
    }
  }

  private final Streams streams = new Streams();
  private final WithheldCommand command = new WithheldCommand(streams);

  private Document end(int exitCode) {
    return command.end(
        new GuestCommand.End(exitCode, Document.of("out"), Document.of("err"), null, 1000));
  }

  @Test
  void nothingArrivesBeforeItIsDelivered() throws FileException {
    assertThat(command.written(1, new byte[] {1})).as("taken").isFalse();
    assertThat(end(3).text()).contains("\"stdout\":\"out\",\"stderr\":\"err\"");
    assertThat(streams.out.toString() + streams.err).isEmpty();

    command.deliver();

    assertThat(streams.out).hasToString("out");
    assertThat(streams.err).hasToString("err");
    assertThat(streams.exitCode).isEqualTo(3);
  }

  @Test
  void outputThatFindsNoRoomFailsTheCommand() {
    streams.full = true;
    var _ = end(0);

    command.deliver();

    assertThat(streams.exitCode).isEqualTo(1);
    assertThat(streams.err.toString()).startsWith("tool: its output cannot be written");
  }
}
