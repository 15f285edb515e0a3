package org.wasmbroker.step;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One unit of work, claimed.
 *
 * @param name the step's name in its task; the handler's name where it has none
 * @param timeout how long the guest may run; the handler's own limit may be shorter
 * @param document the step document, as the guest reads it (docs/guest-abi.md)
 * @param claim the ownership with which the step is renewed, completed and released
 * @param readyAt when the step became available: its message's visibility, for the queue wait
 * @param origin what a rollout may ask about it
 * @param pin the module that an earlier attempt ran, or null
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
    TraceContext trace,
    StepOrigin origin,
    @Nullable ModulePin pin)
    implements RoutingFacts {

  /** Of no origin that a rollout could ask about, and not begun before. */
  public Step(
      StepIds ids,
      String name,
      HandlerRef handler,
      Attempt attempt,
      Duration timeout,
      Document document,
      Claim claim,
      Instant readyAt,
      TraceContext trace) {
    this(
        ids,
        name,
        handler,
        attempt,
        timeout,
        document,
        claim,
        readyAt,
        trace,
        StepOrigin.NONE,
        null);
  }

  /** The same claim on the same step, with another document. */
  public Step withDocument(Document changed) {
    return new Step(
        ids, name, handler, attempt, timeout, changed, claim, readyAt, trace, origin, pin);
  }

  /** The same step, owned by another claim. */
  public Step withClaim(Claim other) {
    return new Step(
        ids, name, handler, attempt, timeout, document, other, readyAt, trace, origin, pin);
  }

  /** The same claim on the same step, which keeps a module. */
  public Step withPin(@Nullable ModulePin changed) {
    return new Step(
        ids, name, handler, attempt, timeout, document, claim, readyAt, trace, origin, changed);
  }

  /** The same claim on the same step, with another trace context. */
  public Step withTrace(TraceContext other) {
    return new Step(
        ids, name, handler, attempt, timeout, document, claim, readyAt, other, origin, pin);
  }

  @Override
  public StepId id() {
    return ids.step();
  }
}
