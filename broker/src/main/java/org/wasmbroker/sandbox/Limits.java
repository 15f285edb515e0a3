package org.wasmbroker.sandbox;

import java.time.Duration;

/**
 * What one run may use. Every limit has a default; there is no unlimited.
 *
 * @param memoryBytes the guest's linear memory; growth beyond it is refused
 * @param tableElements all table elements; growth beyond it is refused
 * @param time from the start of instantiation to the end of the guest's code
 * @param outputBytes the result document
 * @param logBytes all log lines of a run together; lines beyond it are dropped and counted
 * @param logLineBytes one log line; the rest of it is cut
 * @param hostCalls all calls of host functions
 */
public record Limits(
    long memoryBytes,
    int tableElements,
    Duration time,
    int outputBytes,
    int logBytes,
    int logLineBytes,
    long hostCalls) {

  public static final Limits DEFAULTS =
      new Limits(32L << 20, 10_000, Duration.ofSeconds(30), 4 << 20, 64 << 10, 8 << 10, 1_000_000);

  public Limits {
    atLeast("memory", memoryBytes, 64 << 10);
    atLeast("table-elements", tableElements, 0);
    atLeast("time in ms", time.toMillis(), 1);
    atLeast("output", outputBytes, 1);
    atLeast("log", logBytes, 0);
    atLeast("log-line", logLineBytes, 1);
    atLeast("host-calls", hostCalls, 1);
    if (memoryBytes > 4L << 30) {
      throw new IllegalArgumentException(
          "limits.memory is at most 4 GiB, the most of a 32-bit guest, was " + memoryBytes);
    }
  }

  private static void atLeast(String key, long value, long least) {
    if (value < least) {
      throw new IllegalArgumentException(
          "limits." + key + " is at least " + least + ", was " + value);
    }
  }

  /**
   * Checks that these limits ask for no more memory and table elements than those.
   *
   * @throws IllegalArgumentException if they do
   */
  public void requireWithin(Limits largest) {
    if (memoryBytes > largest.memoryBytes || tableElements > largest.tableElements) {
      throw new IllegalArgumentException(
          "limits of %d bytes of memory and %d table elements are above the module's %d and %d"
              .formatted(memoryBytes, tableElements, largest.memoryBytes, largest.tableElements));
    }
  }

  public Limits withTime(Duration newTime) {
    return new Limits(
        memoryBytes, tableElements, newTime, outputBytes, logBytes, logLineBytes, hostCalls);
  }

  public Limits withHostCalls(long newHostCalls) {
    return new Limits(
        memoryBytes, tableElements, time, outputBytes, logBytes, logLineBytes, newHostCalls);
  }

  public Limits withMemoryBytes(long newMemoryBytes) {
    return new Limits(
        newMemoryBytes, tableElements, time, outputBytes, logBytes, logLineBytes, hostCalls);
  }
}
