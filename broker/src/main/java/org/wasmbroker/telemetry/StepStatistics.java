package org.wasmbroker.telemetry;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Receipt;
import org.wasmbroker.step.StepError;

/** Summarizes the outcomes of all steps since the start, for the summary at the end of a run. */
public final class StepStatistics implements EventSink {
  private static final int MAX_ERROR_TYPES = 100;

  private final LongAdder completed = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final LongAdder retried = new LongAdder();
  private final LongAdder deadLettered = new LongAdder();
  private final LongAdder released = new LongAdder();
  private final LongAdder lost = new LongAdder();
  private final LongAdder dropped = new LongAdder();
  private final TagLimiter errorTypes = new TagLimiter(MAX_ERROR_TYPES, Set.of());
  private final ConcurrentHashMap<String, LongAdder> failures = new ConcurrentHashMap<>();
  private final DurationHistogram queueWait = new DurationHistogram();
  private final DurationHistogram instantiation = new DurationHistogram();
  private final DurationHistogram execution = new DurationHistogram();
  private final DurationHistogram report = new DurationHistogram();
  private final LongAccumulator memory = new LongAccumulator(Math::max, 0);

  @Override
  public void on(BrokerEvent event) {
    switch (event) {
      case StepEvent step -> on(step);
      case IntakeEvent.DeadLettered _ -> deadLettered.increment();
      case ReportEvent.Written(int outcomes, _, Duration oldest) ->
          // each outcome of a batch counts as having waited as long as the oldest
          report.record(oldest, outcomes);
      case ReportEvent.Released(var steps, _) -> released.add(steps.size());
      case IntakeEvent _,
          ReportEvent _,
          ModuleEvent _,
          PolicyEvent _,
          TrustEvent _,
          RolloutEvent _,
          TaskerEvent _,
          TraceEvent _,
          RecordingEvent _,
          McpEvent _,
          SessionEvent _,
          LifecycleEvent _ -> {}
    }
  }

  private void on(StepEvent event) {
    switch (event) {
      case StepEvent.Started(_, Duration wait) -> queueWait.record(wait);
      case StepEvent.Ended(Outcome outcome) -> ended(outcome);
      case StepEvent.LeaseLost _ -> lost.increment();
      case StepEvent.OutcomeDropped _ -> dropped.increment();
      case StepEvent.CheckpointSaved _,
          StepEvent.LimitExceeded _,
          StepEvent.OutcomeLate _,
          CallEvent _ -> {}
    }
  }

  private void ended(Outcome outcome) {
    switch (outcome) {
      case Outcome.Completed _ -> completed.increment();
      case Outcome.Failed(_, StepError error, _, _, _) -> {
        failed.increment();
        failures
            .computeIfAbsent(errorTypes.limit(error.type()), type -> new LongAdder())
            .increment();
      }
      case Outcome.Retry _ -> retried.increment();
    }
    if (outcome.receipt().engine() != null) {
      recordRun(outcome.receipt());
    }
  }

  private void recordRun(Receipt receipt) {
    instantiation.record(receipt.instantiation());
    execution.record(receipt.execution());
    memory.accumulate(receipt.memoryHighWaterBytes());
  }

  /** The statistics as of now. */
  public Summary summary() {
    var failuresByType = new TreeMap<String, Long>();
    failures.forEach((type, count) -> failuresByType.put(type, count.sum()));
    return new Summary(
        completed.sum(),
        failed.sum(),
        retried.sum(),
        deadLettered.sum(),
        released.sum(),
        lost.sum(),
        dropped.sum(),
        failuresByType,
        queueWait.percentiles(),
        instantiation.percentiles(),
        execution.percentiles(),
        report.percentiles(),
        memory.get());
  }

  /**
   * The outcomes of the steps, and how long they took.
   *
   * @param retried runs that failed and are retried; the step is counted again when it ends
   * @param deadLettered messages that were dead-lettered: invalid ones, and steps without attempts
   *     left
   * @param lost steps whose lease was lost while they waited or ran
   * @param dropped outcomes that were not written; their steps run again
   * @param failuresByType the failed steps by error type, in alphabetical order
   * @param report from the end of a run to its outcome being in the database
   * @param memoryHighWaterBytes the largest linear memory of any guest
   */
  public record Summary(
      long completed,
      long failed,
      long retried,
      long deadLettered,
      long released,
      long lost,
      long dropped,
      Map<String, Long> failuresByType,
      Percentiles queueWait,
      Percentiles instantiation,
      Percentiles execution,
      Percentiles report,
      long memoryHighWaterBytes) {}
}
