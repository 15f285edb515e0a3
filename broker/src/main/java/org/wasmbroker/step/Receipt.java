package org.wasmbroker.step;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one invocation used.
 *
 * @param module the handler, version and digest that ran; null where none was found
 * @param engine the engine that ran it; null where nothing ran
 * @param queueWait from the moment the step became available to its start
 * @param permitWait for how long a guest that could have gone on waited for others to compute;
 *     neither instantiation nor execution includes it
 * @param instantiation store, limits, instance and start function
 * @param execution the guest's code and the host functions that it called
 * @param memoryHighWaterBytes the largest size of the guest's linear memory
 * @param hostCalls the host functions that were called, ordered by name
 * @param bytesIn the size of the step document
 * @param bytesOut the size of the result document
 * @param logLinesDropped log lines of the guest beyond its limit
 * @param grantUse what was granted, and what was used of it
 * @param prepared whether its run, the last one of several, started with a prepared image
 * @param recording the file of the step's recording, without its directory; null if there is none
 */
public record Receipt(
    @Nullable ModuleId module,
    @Nullable EngineInfo engine,
    Duration queueWait,
    Duration permitWait,
    Duration instantiation,
    Duration execution,
    long memoryHighWaterBytes,
    List<HostCallCount> hostCalls,
    long bytesIn,
    long bytesOut,
    long logLinesDropped,
    GrantUsage grantUse,
    boolean prepared,
    @Nullable String recording) {

  /** Did not wait for a permit, not prepared, and not recorded. */
  public Receipt(
      @Nullable ModuleId module,
      @Nullable EngineInfo engine,
      Duration queueWait,
      Duration instantiation,
      Duration execution,
      long memoryHighWaterBytes,
      List<HostCallCount> hostCalls,
      long bytesIn,
      long bytesOut,
      long logLinesDropped,
      GrantUsage grantUse) {
    this(
        module,
        engine,
        queueWait,
        Duration.ZERO,
        instantiation,
        execution,
        memoryHighWaterBytes,
        hostCalls,
        bytesIn,
        bytesOut,
        logLinesDropped,
        grantUse,
        false,
        null);
  }

  /** For a step that never reached a guest. */
  public static Receipt none(Duration queueWait) {
    return new Receipt(
        null,
        null,
        queueWait,
        Duration.ZERO,
        Duration.ZERO,
        0,
        List.of(),
        0,
        0,
        0,
        GrantUsage.NONE);
  }

  /** What this run and the step's next one used together; the names are those of the next. */
  public Receipt plus(Receipt next) {
    return new Receipt(
        next.module,
        next.engine,
        next.queueWait,
        permitWait.plus(next.permitWait),
        instantiation.plus(next.instantiation),
        execution.plus(next.execution),
        Math.max(memoryHighWaterBytes, next.memoryHighWaterBytes),
        HostCallCount.sum(hostCalls, next.hostCalls),
        bytesIn + next.bytesIn,
        bytesOut + next.bytesOut,
        logLinesDropped + next.logLinesDropped,
        next.grantUse,
        next.prepared,
        null);
  }

  public Receipt withModule(ModuleId ran, Duration wait) {
    return with(ran, wait, grantUse, recording);
  }

  public Receipt withGrantUse(GrantUsage usage) {
    return with(module, queueWait, usage, recording);
  }

  public Receipt withRecording(String file) {
    return with(module, queueWait, grantUse, file);
  }

  private Receipt with(
      @Nullable ModuleId ran, Duration wait, GrantUsage usage, @Nullable String file) {
    return new Receipt(
        ran,
        engine,
        wait,
        permitWait,
        instantiation,
        execution,
        memoryHighWaterBytes,
        hostCalls,
        bytesIn,
        bytesOut,
        logLinesDropped,
        usage,
        prepared,
        file);
  }
}
