package org.wasmbroker.sandbox.host;

import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.GuestLog.Level;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.files.FileException;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.SafeText;

/**
 * Stdin, stdout and stderr of one run. A command reads its input on stdin and writes its output on
 * stdout; a reactor's stdin is empty and its stdout, like every stderr, becomes log lines. A
 * command that is run with a {@link GuestCommand} has the streams of that, and logs nothing.
 */
final class StandardStreams {
  private static final int STDERR_TAIL_LINES = 3;
  private static final int STDERR_TAIL_LINE_CHARACTERS = 200;

  /**
   * The line with which the Rust standard library ends every panic message; it carries no
   * information.
   */
  private static final String BACKTRACE_HINT = "note: run with `RUST_BACKTRACE";

  private static final byte[] EMPTY = {};

  private final RunState run;
  private final boolean stdoutIsOutput;
  private final @Nullable GuestCommand command;
  private final ByteArrayOutputStream output = new ByteArrayOutputStream();
  private final ByteArrayOutputStream errors = new ByteArrayOutputStream();
  private final LineBuffer stdout;
  private final LineBuffer stderr;
  private final Deque<String> stderrTail = new ArrayDeque<>();
  private byte @Nullable [] input;
  private int inputPosition;
  private int open = 0b111;

  StandardStreams(RunState run) {
    this.run = run;
    this.stdoutIsOutput = run.kind() == GuestKind.COMMAND;
    this.command = run.command();
    int lineBytes = run.log().maxLineBytes();
    this.stdout = new LineBuffer(lineBytes, (line, truncated) -> log(Level.INFO, line, truncated));
    this.stderr = new LineBuffer(lineBytes, this::stderrLine);
  }

  boolean isOpen(int fd) {
    return fd >= 0 && fd <= 2 && (open & 1 << fd) != 0;
  }

  void close(int fd) {
    open &= ~(1 << fd);
  }

  int remainingInput() throws GuestStoppedException {
    return input().length - inputPosition;
  }

  private byte[] input() throws GuestStoppedException {
    var known = input;
    if (known == null) {
      known =
          command != null
              ? given(command)
              : stdoutIsOutput ? run.invocation().input().bytes() : EMPTY;
      input = known;
    }
    return known;
  }

  private byte[] given(GuestCommand to) throws GuestStoppedException {
    long limit = run.limits().inputBytes();
    var given = to.standardInput(limit);
    if (given.length > limit) {
      throw run.exceeded(LimitKind.INPUT, limit, given.length);
    }
    return given;
  }

  /** Copies the next bytes of stdin into a range that the caller has checked. */
  int read(GuestMemory memory, int pointer, long length) throws GuestStoppedException {
    int count = (int) Math.min(length, remainingInput());
    memory.write(pointer, input(), inputPosition, count);
    inputPosition += count;
    return count;
  }

  /** Ends the run if what will be written exceeds the limit on output. */
  void beforeWrite(int fd, long length) throws GuestStoppedException {
    if (command == null && fd == 1 && stdoutIsOutput) {
      checkKept(length);
    }
  }

  private void checkKept(long more) throws GuestStoppedException {
    long limit = run.limits().outputBytes();
    long total = (long) output.size() + errors.size() + more;
    if (total > limit) {
      throw run.exceeded(LimitKind.OUTPUT, limit, total);
    }
  }

  /** After {@link #beforeWrite}, in pieces. */
  void write(int fd, byte[] bytes) throws FileException, GuestStoppedException {
    if (command != null) {
      writeOf(command, fd, bytes);
    } else if (fd == 2) {
      stderr.append(bytes);
    } else if (stdoutIsOutput) {
      output.writeBytes(bytes);
    } else {
      stdout.append(bytes);
    }
  }

  private void writeOf(GuestCommand writing, int fd, byte[] bytes)
      throws FileException, GuestStoppedException {
    if (fd == 2) {
      stderr.append(bytes); // for the message of a run that fails
    }
    try {
      if (!writing.written(fd, bytes)) {
        checkKept(bytes.length);
        (fd == 2 ? errors : output).writeBytes(bytes);
      }
    } catch (GuestCommand.TooMuchOutputException tooMuch) {
      throw run.exceeded(LimitKind.OUTPUT, run.limits().outputBytes(), tooMuch.bytes());
    }
  }

  /** Flushes the lines without a line break. */
  void flush() {
    stdout.flush();
    stderr.flush();
  }

  @Nullable Document output() {
    return output.size() == 0 ? null : Document.of(output.toByteArray());
  }

  /** What a {@link GuestCommand} did not take. */
  Document standardOutput() {
    return Document.of(output.toByteArray());
  }

  /** What a {@link GuestCommand} did not take. */
  Document standardError() {
    return Document.of(errors.toByteArray());
  }

  /** The last lines on stderr, where a runtime reports why it aborts. */
  List<String> stderrTail() {
    return List.copyOf(stderrTail);
  }

  private void stderrLine(byte[] line, boolean truncated) {
    var text = log(Level.WARN, line, truncated);
    if (!text.startsWith(BACKTRACE_HINT)) {
      if (stderrTail.size() == STDERR_TAIL_LINES) {
        stderrTail.removeFirst();
      }
      stderrTail.addLast(SafeText.sanitize(text, STDERR_TAIL_LINE_CHARACTERS));
    }
  }

  private String log(Level level, byte[] line, boolean truncated) {
    var log = run.log();
    var text = log.toLogText(line, truncated);
    if (command == null && log.admits(line.length)) {
      log.write(level, line.length, text, null);
    }
    return text;
  }
}
