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
 * @param instantiation store, limits, instance and start function
 * @param execution the guest's code and the host functions that it called
 * @param memoryHighWaterBytes the largest size of the guest's linear memory
 * @param hostCalls the host functions that were called, ordered by name
 * @param bytesIn the size of the step document
 * @param bytesOut the size of the result document
 * @param logLinesDropped log lines of the guest beyond its limit
 * @param grantUse what was granted, and what was used of it
 */
public record Receipt(
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
        instantiation.plus(next.instantiation),
        execution.plus(next.execution),
        Math.max(memoryHighWaterBytes, next.memoryHighWaterBytes),
        HostCallCount.sum(hostCalls, next.hostCalls),
        bytesIn + next.bytesIn,
        bytesOut + next.bytesOut,
        logLinesDropped + next.logLinesDropped,
        next.grantUse);
  }

  public Receipt withModule(ModuleId module, Duration queueWait) {
    return new Receipt(
        module,
        engine,
        queueWait,
        instantiation,
        execution,
        memoryHighWaterBytes,
        hostCalls,
        bytesIn,
        bytesOut,
        logLinesDropped,
        grantUse);
  }

  public Receipt withGrantUse(GrantUsage usage) {
    return new Receipt(
        module,
        engine,
        queueWait,
        instantiation,
        execution,
        memoryHighWaterBytes,
        hostCalls,
        bytesIn,
        bytesOut,
        logLinesDropped,
        usage);
  }
}
