package org.wasmbroker.app;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.LongAdder;
import org.wasmbroker.app.HealthCheck.Result;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.telemetry.EventSink;

/** How the stages fare, as they last said. */
final class StageHealth implements EventSink {
  private static final Result CLAIMING = Result.ok("the latest claim was answered");

  private final LongAdder stepsEnded = new LongAdder();
  private final LongAdder stepsFailed = new LongAdder();
  private final LongAdder eventsPublished = new LongAdder();
  private final LongAdder eventsFailed = new LongAdder();
  private volatile Result intake = Result.ok("nothing was claimed yet");
  private volatile boolean reporting = true;
  private volatile Result policy = Result.ok("there is none: only the basic functions are granted");

  @Override
  public void claimed(int steps, int room, Duration roundTrip) {
    intake = CLAIMING;
  }

  @Override
  public void claimFailed(Throwable cause, Duration delay) {
    intake = Result.degraded("the latest claim failed: " + cause.getMessage());
  }

  @Override
  public void stepEnded(Outcome outcome) {
    stepsEnded.increment();
    if (!(outcome instanceof Outcome.Completed)) {
      stepsFailed.increment();
    }
  }

  @Override
  public void reported(int outcomes, Duration roundTrip, Duration oldest) {
    reporting = true;
  }

  @Override
  public void reportFailed(int outcomes, Throwable cause, Duration delay) {
    reporting = false;
  }

  @Override
  public void domainEventsPublished(int events) {
    eventsPublished.add(events);
  }

  @Override
  public void domainEventFailed(String event, String reason) {
    eventsFailed.increment();
  }

  @Override
  public void policyApplied(Digest digest, int rules) {
    policy = Result.ok("%d rules, sha256:%s".formatted(rules, digest));
  }

  /** The reason is for the log: it may quote the file, and anyone may read this. */
  @Override
  public void policyRefused(String reason) {
    policy =
        Result.degraded(
            "the policy file cannot be used since %s, and the last good one stays; the log says why"
                .formatted(Instant.now()));
  }

  /** Whether the policy that holds is the one that is in place. */
  Result policy() {
    return policy;
  }

  /** Domain events that went out. */
  long eventsPublished() {
    return eventsPublished.sum();
  }

  /** Domain events that should have gone out and did not. */
  long eventsFailed() {
    return eventsFailed.sum();
  }

  /** Whether steps can be taken. */
  Result intake() {
    return intake;
  }

  /** Whether what becomes of steps can be written. */
  Result steps() {
    var detail = "%d steps ended, %d of them failed".formatted(stepsEnded.sum(), stepsFailed.sum());
    return reporting
        ? Result.ok(detail)
        : Result.degraded(detail + "; the latest results could not be written and are tried again");
  }
}
