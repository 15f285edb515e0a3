package org.wasmbroker.telemetry;

import java.time.Duration;
import java.util.List;
import org.wasmbroker.step.Step;

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
  record Released(List<Step> steps, String reason) implements ReportEvent {}
}
