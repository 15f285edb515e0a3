package org.wasmbroker.sandbox.host;

import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.GuestLog.Level;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.SafeText;

/**
 * Stdin, stdout and stderr of one run. A command reads its input on stdin and writes its output on
 * stdout; a reactor's stdin is empty and its stdout, like every stderr, becomes log lines.
 */
final class StandardStreams {
  private static final int STDERR_TAIL_LINES = 3;
  private static final int STDERR_TAIL_LINE_CHARACTERS = 200;

  /**
   * The line with which the Rust standard library ends every panic message; it carries no
   * information.
   */
  private static final String BACKTRACE_HINT = "note: run with `RUST_BACKTRACE";

  private final RunState run;
  private final byte[] input;
  private final boolean stdoutIsOutput;
  private final ByteArrayOutputStream output = new ByteArrayOutputStream();
  private final LineBuffer stdout;
  private final LineBuffer stderr;
  private final Deque<String> stderrTail = new ArrayDeque<>();
  private int inputPosition;
  private int open = 0b111;

  StandardStreams(RunState run) {
    this.run = run;
    this.stdoutIsOutput = run.kind() == GuestKind.COMMAND;
    this.input = stdoutIsOutput ? run.invocation().input().bytes() : new byte[0];
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

  int remainingInput() {
    return input.length - inputPosition;
  }

  /** Copies the next bytes of stdin into a range that the caller has checked. */
  int read(GuestMemory memory, int pointer, long length) {
    int count = (int) Math.min(length, remainingInput());
    memory.write(pointer, input, inputPosition, count);
    inputPosition += count;
    return count;
  }

  /** Ends the run if what will be written exceeds the limit on output. */
  void beforeWrite(int fd, long length) throws GuestStoppedException {
    long limit = run.limits().outputBytes();
    if (fd == 1 && stdoutIsOutput && output.size() + length > limit) {
      throw run.exceeded(LimitKind.OUTPUT, limit, output.size() + length);
    }
  }

  /** After {@link #beforeWrite}, in pieces. */
  void write(int fd, byte[] bytes) {
    if (fd == 2) {
      stderr.append(bytes);
    } else if (stdoutIsOutput) {
      output.writeBytes(bytes);
    } else {
      stdout.append(bytes);
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
    if (log.admits(line.length)) {
      log.write(level, line.length, text, null);
    }
    return text;
  }
}
