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
 * @param slots how many guests run at once, on one thread each
 * @param memoryBytes the memory of all running guests together, each counted with its limit
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
    long memoryBytes,
    Duration prefetchWindow,
    int prefetchMax,
    Duration drainGrace,
    Duration retryBase,
    Duration retryMax,
    Duration retryAfterMax,
    Duration stallAfter) {
  private static final long MIB = 1 << 20;

  public static final DispatchConfig DEFAULTS =
      new DispatchConfig(
          Math.max(2, Runtime.getRuntime().availableProcessors()),
          halfOfMachineMemory(),
          Duration.ofMillis(50),
          1000,
          Duration.ofSeconds(30),
          Duration.ofSeconds(1),
          Duration.ofMinutes(5),
          Duration.ofHours(1),
          Duration.ofMinutes(1));

  public DispatchConfig {
    if (slots < 1 || slots > 10_000) {
      throw new IllegalArgumentException("dispatch.slots must be 1 to 10000, was " + slots);
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

  /** In whole MiB; the other half is left to the JVM, the engine and compiled code. */
  private static long halfOfMachineMemory() {
    var system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    return system.getTotalMemorySize() / 2 / MIB * MIB;
  }

  public RetryPolicy retryPolicy() {
    return new RetryPolicy(new Backoff(retryBase, retryMax), retryAfterMax);
  }
}
