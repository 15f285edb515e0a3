package org.wasmbroker.app;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.capability.CommandResult;
import org.wasmbroker.sandbox.files.FileException;
import org.wasmbroker.sandbox.host.GuestCommand;
import org.wasmbroker.step.Document;

/**
 * A command whose output is kept until it has ended and was searched for the values of secrets, as
 * a step's is, and only then goes where it belongs. It may be as large as the limit on output.
 */
final class WithheldCommand implements GuestCommand {
  private static final int FAILURE = 1;

  private final GuestCommand command;
  private @Nullable End end;

  WithheldCommand(GuestCommand command) {
    this.command = command;
  }

  @Override
  public List<String> arguments() {
    return command.arguments();
  }

  @Override
  public List<String> environment() {
    return command.environment();
  }

  @Override
  public byte[] standardInput(long max) {
    return command.standardInput(max);
  }

  @Override
  public boolean looksAtFiles() {
    return command.looksAtFiles();
  }

  /** What is searched: the document that the step would have. */
  @Override
  public Document end(End ended) {
    end = ended;
    return CommandResult.of(ended);
  }

  /** Hands on what was written. Called once, after the step has completed. */
  void deliver() {
    var ended = Objects.requireNonNull(end, "it has completed");
    int exitCode = ended.exitCode();
    try {
      write(1, ended.standardOutput());
      write(2, ended.standardError());
    } catch (FileException full) {
      exitCode = exitCode == 0 ? FAILURE : exitCode;
      complain(full);
    }
    var _ =
        command.end(
            new End(exitCode, Document.EMPTY, Document.EMPTY, ended.files(), ended.maxBytes()));
  }

  private void write(int stream, Document written) throws FileException {
    if (written.size() > 0) {
      var _ = command.written(stream, written.bytes());
    }
  }

  /** As programs do whose output finds no room. */
  private void complain(FileException full) {
    var message =
        "%s: its output cannot be written: %s%n"
            .formatted(command.arguments().getFirst(), full.error());
    try {
      var _ = command.written(2, message.getBytes(StandardCharsets.UTF_8));
    } catch (FileException alsoFull) {
      // the exit code tells it
    }
  }
}
