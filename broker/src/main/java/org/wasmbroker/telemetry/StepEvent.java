package org.wasmbroker.telemetry;

import java.time.Duration;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Step;

/**
 * Something that happened to one step. The step carries its ids, its handler and its trace context.
 */
public sealed interface StepEvent extends BrokerEvent
    permits StepEvent.Started,
        StepEvent.CheckpointSaved,
        StepEvent.LimitExceeded,
        StepEvent.LeaseLost,
        StepEvent.Ended,
        StepEvent.OutcomeLate,
        StepEvent.OutcomeDropped,
        CallEvent {
  Step step();

  /** A step's run began, {@code queueWait} after the step became ready. */
  record Started(Step step, Duration queueWait) implements StepEvent {}

  /** A checkpoint was saved; the step's next run resumes from it. */
  record CheckpointSaved(Step step, long itemsProcessed) implements StepEvent {}

  /**
   * A run or its result exceeded a limit.
   *
   * @param limit its name, such as {@code host_calls}
   */
  record LimitExceeded(Step step, String limit) implements StepEvent {}

  /** The step's lease was lost while it waited or ran; its result is dropped. */
  record LeaseLost(Step step) implements StepEvent {}

  /** A step's run ended; the outcome has the receipt. */
  record Ended(Outcome outcome) implements StepEvent {
    @Override
    public Step step() {
      return outcome.step();
    }
  }

  /** An outcome came too late: another claim owns the step, and nothing was written. */
  record OutcomeLate(Outcome outcome) implements StepEvent {
    @Override
    public Step step() {
      return outcome.step();
    }
  }

  /** An outcome will not be written: the step's lease expires, and the step runs again. */
  record OutcomeDropped(Outcome outcome, String reason) implements StepEvent {
    @Override
    public Step step() {
      return outcome.step();
    }
  }
}
