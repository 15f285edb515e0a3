package org.wasmbroker.session;

import java.time.Duration;

/**
 * What a session may use.
 *
 * @param fileBytes of all files together
 * @param fileEntries files and directories
 * @param outputBytes of what a command line writes, each of standard output and standard error; the
 *     rest is cut off
 * @param pipeBytes what goes from one command to the next
 * @param lineBytes of a request
 * @param running asynchronous requests at once
 * @param timeout of a command line that names none
 */
public record SessionLimits(
    long fileBytes,
    int fileEntries,
    int outputBytes,
    long pipeBytes,
    int lineBytes,
    int running,
    Duration timeout) {
  public static final SessionLimits DEFAULTS =
      new SessionLimits(
          64L << 20, 10_000, 256 << 10, 4L << 20, 16 << 20, 8, Duration.ofSeconds(30));

  public SessionLimits {
    within("files", fileBytes, 4 << 10, 1L << 30, "4 KiB to 1 GiB");
    within("output", outputBytes, 1 << 10, 64L << 20, "1 KiB to 64 MiB");
    within("line", lineBytes, 1 << 10, 64L << 20, "1 KiB to 64 MiB");
    if (running < 1 || running > 256) {
      throw new IllegalArgumentException("running must be 1 to 256, was " + running);
    }
  }

  private static void within(String name, long value, long min, long max, String range) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          "%s must be %s, was %d bytes".formatted(name, range, value));
    }
  }
}
