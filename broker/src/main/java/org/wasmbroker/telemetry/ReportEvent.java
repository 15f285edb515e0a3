package org.wasmbroker.telemetry;

import java.time.Duration;
import java.util.List;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.WireName;

/** Writing batches of outcomes to the queue's database. */
public sealed interface ReportEvent extends BrokerEvent {
  /**
   * A batch of outcomes was written.
   *
   * @param oldest how long the oldest of them had waited to be written
   */
  record Written(int outcomes, Duration roundTrip, Duration oldest) implements ReportEvent {}

  /** A batch of outcomes could not be written; it is retried after {@code delay}. */
  record WriteFailed(int outcomes, Throwable cause, Duration delay) implements ReportEvent {}

  /** Steps were returned to their queue without an outcome. */
  record Released(List<Step> steps, Reason reason) implements ReportEvent {}

  /** Why steps are returned to their queue without an outcome. */
  enum Reason {
    /** The broker stops. */
    DRAINING,
    /** They waited too long for a slot; another broker may have one. */
    WAITED_TOO_LONG,
    /** Their run did not begin, or was stopped. */
    NOT_STARTED,
    /** They were claimed, but could not be accepted. */
    COULD_NOT_BE_QUEUED,
    /** Their outcome could not be handed over. */
    NOT_REPORTED;

    /** As in metrics and logs. */
    public String text() {
      return WireName.of(this);
    }
  }
}
