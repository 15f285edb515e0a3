package org.wasmbroker.sandbox.host;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.GuestCapability;
import org.wasmbroker.sandbox.files.FileException;
import org.wasmbroker.sandbox.files.FileSystem;
import org.wasmbroker.step.Document;

/**
 * What a WASI command that knows nothing of step documents is run with, and what becomes of what it
 * writes. A run of a command that has one in its access ends well with any exit code; its output is
 * what {@link #end} makes of it. Used by the step's thread.
 */
public interface GuestCommand extends GuestCapability {
  /** The program's name and its arguments, without zero characters. */
  List<String> arguments();

  /** The environment, as {@code NAME=value}, without zero characters. */
  List<String> environment();

  /**
   * Its standard input, taken when the guest first asks for it.
   *
   * @param max more bytes than this end the run, so that there is no use in taking many more
   */
  byte[] standardInput(long max);

  /**
   * Takes what the guest writes, as it writes it.
   *
   * @param stream 1 for standard output, 2 for standard error
   * @return whether it is taken; if not, it is kept for the end, within the limit on output
   * @throws FileException which the guest gets as the error number of its write
   * @throws TooMuchOutputException if the run must end at the limit on output
   */
  default boolean written(int stream, byte[] bytes) throws FileException {
    return false;
  }

  /** Whether {@link #end} looks at the files that there are then. */
  default boolean looksAtFiles() {
    return false;
  }

  /**
   * The result document of a run that has ended by itself.
   *
   * @throws TooMuchOutputException if it would be larger than the limit on output
   */
  Document end(End end);

  /**
   * What is there at the end of a run.
   *
   * @param standardOutput what was written to it and was not taken
   * @param standardError the same
   * @param files those of the run; null if it had none, or did not look at them
   * @param maxBytes the limit on output
   */
  record End(
      int exitCode,
      Document standardOutput,
      Document standardError,
      @Nullable FileSystem files,
      long maxBytes) {}

  /** What is to be returned exceeds the limit on output. */
  final class TooMuchOutputException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final long bytes;

    /**
     * @param bytes how many there are at least
     */
    public TooMuchOutputException(long bytes) {
      super(null, null, false, false);
      this.bytes = bytes;
    }

    long bytes() {
      return bytes;
    }
  }
}
