package org.wasmbroker.dispatch;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import org.wasmbroker.execution.RetryPolicy;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.step.Backoff;

/**
 * How steps are run.
 *
 * @param slots how many steps are in flight at once, on one thread each: they compute or wait
 * @param processors how many of them compute at once
 * @param slice a guest that has computed for longer gives way to others
 * @param memoryBytes the memory of all guests in flight together: one that computes counts with its
 *     limit, one that waits with what it has
 * @param prefetchWindow steps that will start within this time are claimed ahead
 * @param prefetchMax the maximum number of steps that are claimed ahead; 0 disables it
 * @param drainGrace how long running steps may continue when the broker stops
 * @param retryBase the delay before the second attempt
 * @param retryMax the maximum backoff delay before an attempt
 * @param retryAfterMax the maximum delay that a handler may request
 * @param stallAfter without a start for this long, although steps could start, nothing progresses
 */
public record DispatchConfig(
    int slots,
    int processors,
    Duration slice,
    long memoryBytes,
    Duration prefetchWindow,
    int prefetchMax,
    Duration drainGrace,
    Duration retryBase,
    Duration retryMax,
    Duration retryAfterMax,
    Duration stallAfter) {
  private static final long MIB = 1 << 20;
  private static final int MAX_SLOTS = 4096;
  private static final int SLOTS_PER_PROCESSOR = 128;
  private static final int MAX_DEFAULT_SLOTS = 1024;
  private static final Duration DEFAULT_SLICE = Duration.ofMillis(5);

  public static final DispatchConfig DEFAULTS =
      new DispatchConfig(
          Math.min(MAX_DEFAULT_SLOTS, SLOTS_PER_PROCESSOR * availableProcessors()),
          availableProcessors(),
          DEFAULT_SLICE,
          halfOfMachineMemory(),
          Duration.ofMillis(50),
          1000,
          Duration.ofSeconds(30),
          Duration.ofSeconds(1),
          Duration.ofMinutes(5),
          Duration.ofHours(1),
          Duration.ofMinutes(1));

  public DispatchConfig {
    if (slots < 1 || slots > MAX_SLOTS) {
      throw new IllegalArgumentException(
          "dispatch.slots must be 1 to " + MAX_SLOTS + ", was " + slots);
    }
    if (processors < 1 || processors > MAX_SLOTS) {
      throw new IllegalArgumentException(
          "dispatch.processors must be 1 to " + MAX_SLOTS + ", was " + processors);
    }
    if (slice.toMillis() < 1 || slice.toMillis() > 10_000) {
      throw new IllegalArgumentException(
          "dispatch.slice must be 1 ms to 10 s, was " + slice.toMillis() + " ms");
    }
    if (memoryBytes < LimitKind.MEMORY.minimum()) {
      throw new IllegalArgumentException(
          "dispatch.memory must be at least 64 KiB, was " + memoryBytes + " bytes");
    }
    if (prefetchWindow.isNegative() || prefetchWindow.compareTo(Duration.ofSeconds(10)) > 0) {
      throw new IllegalArgumentException(
          "dispatch.prefetch-window must be 0 to 10 s, was " + prefetchWindow.toMillis() + " ms");
    }
    if (prefetchMax < 0 || prefetchMax > 100_000) {
      throw new IllegalArgumentException(
          "dispatch.prefetch-max must be 0 to 100000, was " + prefetchMax);
    }
    if (drainGrace.isNegative()) {
      throw new IllegalArgumentException("dispatch.drain-grace must not be negative");
    }
    if (retryBase.toMillis() < 1) {
      throw new IllegalArgumentException("dispatch.retry-base must be at least 1 ms");
    }
    if (retryMax.compareTo(retryBase) < 0) {
      throw new IllegalArgumentException(
          "dispatch.retry-max must be at least dispatch.retry-base, %d ms, was %d ms"
              .formatted(retryBase.toMillis(), retryMax.toMillis()));
    }
    if (retryAfterMax.isNegative()) {
      throw new IllegalArgumentException("dispatch.retry-after-max must not be negative");
    }
    if (stallAfter.toMillis() < 1000 || stallAfter.toDays() > 1) {
      throw new IllegalArgumentException(
          "dispatch.stall-after must be 1 s to 1 d, was " + stallAfter.toMillis() + " ms");
    }
  }

  /** All steps in flight may compute at once. */
  public DispatchConfig(
      int slots,
      long memoryBytes,
      Duration prefetchWindow,
      int prefetchMax,
      Duration drainGrace,
      Duration retryBase,
      Duration retryMax,
      Duration retryAfterMax,
      Duration stallAfter) {
    this(
        slots,
        slots,
        DEFAULT_SLICE,
        memoryBytes,
        prefetchWindow,
        prefetchMax,
        drainGrace,
        retryBase,
        retryMax,
        retryAfterMax,
        stallAfter);
  }

  /** At least 2: not every engine can let a guest that computes give way. */
  private static int availableProcessors() {
    return Math.max(2, Runtime.getRuntime().availableProcessors());
  }

  /** In whole MiB; the other half is left to the JVM, the engine and compiled code. */
  private static long halfOfMachineMemory() {
    var system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    return system.getTotalMemorySize() / 2 / MIB * MIB;
  }

  public RetryPolicy retryPolicy() {
    return new RetryPolicy(new Backoff(retryBase, retryMax), retryAfterMax);
  }
}
