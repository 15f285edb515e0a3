package org.wasmbroker.step;

import java.time.Duration;
import java.time.Instant;

/**
 * One unit of work, claimed.
 *
 * @param name the step's name in its task; the handler's name where it has none
 * @param timeout how long the guest may run; the handler's own limit may be shorter
 * @param document the step document, as the guest reads it (docs/guest-abi.md)
 * @param claim the ownership with which the step is renewed, completed and released
 * @param readyAt when the step became available: its message's visibility, for the queue wait
 */
public record Step(
    StepIds ids,
    String name,
    HandlerRef handler,
    Attempt attempt,
    Duration timeout,
    Document document,
    Claim claim,
    Instant readyAt,
    TraceContext trace) {

  /** The same claim on the same step, with another document. */
  public Step withDocument(Document changed) {
    return new Step(ids, name, handler, attempt, timeout, changed, claim, readyAt, trace);
  }

  public StepId id() {
    return ids.step();
  }
}
