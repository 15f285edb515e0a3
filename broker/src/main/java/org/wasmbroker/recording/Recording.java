package org.wasmbroker.recording;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.secret.NamedStandIn;
import org.wasmbroker.step.Attempt;
import org.wasmbroker.step.CapabilityUsage;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.EngineInfo;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.HostCallCount;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.StepError;
import org.wasmbroker.step.StepIds;

/**
 * All that running a step again needs, and how it ended.
 *
 * @param truncated why the entries are missing; null if they are all there
 */
public record Recording(
    Origin origin,
    Work work,
    Terms terms,
    List<NamedStandIn> secrets,
    List<TapeEntry> entries,
    @Nullable String truncated,
    End end) {
  /** The largest file that is written or read. */
  public static final int MAX_FILE_BYTES = 64 << 20;

  public Recording {
    secrets = List.copyOf(secrets);
    entries = List.copyOf(entries);
  }

  /**
   * What made it.
   *
   * @param broker the broker's version
   * @param recordedAt in ISO-8601
   */
  public record Origin(String broker, @Nullable EngineInfo engine, String recordedAt) {}

  /** The step, and what ran it. */
  public record Work(
      StepIds ids,
      String name,
      HandlerRef handler,
      Attempt attempt,
      Duration timeout,
      ModuleId module,
      Document input) {}

  /**
   * What it was allowed.
   *
   * @param stackBytes of the guest's stack
   * @param functions the host functions that were granted
   * @param timeResolution of the clocks
   * @param grants as in the receipt
   * @param outputSchema of the handler's results, or null
   */
  public record Terms(
      Limits limits,
      int stackBytes,
      int newWork,
      Set<String> functions,
      Duration timeResolution,
      Document grants,
      @Nullable Document outputSchema) {
    public Terms {
      functions = Set.copyOf(functions);
    }
  }

  /** How it ended. */
  public enum Status {
    COMPLETED,
    FAILED,
    RETRY
  }

  /**
   * How it ended.
   *
   * @param result of a completed step, or null
   * @param error of any other, or null
   */
  public record End(
      Status status, @Nullable Document result, @Nullable StepError error, Usage usage) {}

  /** The part of the receipt that is the same whenever the same is done. */
  public record Usage(
      long memoryHighWaterBytes,
      List<HostCallCount> hostCalls,
      long bytesIn,
      long bytesOut,
      long logLinesDropped,
      List<CapabilityUsage> used) {
    public Usage {
      hostCalls = List.copyOf(hostCalls);
      used = List.copyOf(used);
    }
  }
}
