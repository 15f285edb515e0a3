package org.wasmbroker.app;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.LongAdder;
import org.wasmbroker.app.HealthCheck.Finding;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.telemetry.BrokerEvents;

/** How the stages fare, as they last said. */
final class Pulse implements BrokerEvents {
  private static final Finding CLAIMING = Finding.ok("the latest claim was answered");

  private final LongAdder ended = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final LongAdder published = new LongAdder();
  private final LongAdder unpublished = new LongAdder();
  private volatile Finding intake = Finding.ok("nothing was claimed yet");
  private volatile boolean reports = true;
  private volatile Finding policy =
      Finding.ok("there is none: only the basic functions are granted");

  @Override
  public void claimed(int steps, int room, Duration roundTrip) {
    intake = CLAIMING;
  }

  @Override
  public void claimFailed(Throwable cause, Duration delay) {
    intake = Finding.strained("the latest claim failed: " + cause.getMessage());
  }

  @Override
  public void stepEnded(Outcome outcome) {
    ended.increment();
    if (!(outcome instanceof Outcome.Completed)) {
      failed.increment();
    }
  }

  @Override
  public void reported(int outcomes, Duration roundTrip, Duration oldest) {
    reports = true;
  }

  @Override
  public void reportFailed(int outcomes, Throwable cause, Duration delay) {
    reports = false;
  }

  @Override
  public void domainEventsPublished(int events) {
    published.add(events);
  }

  @Override
  public void domainEventFailed(String event, String reason) {
    unpublished.increment();
  }

  @Override
  public void policyApplied(Digest digest, int rules) {
    policy = Finding.ok("%d rules, sha256:%s".formatted(rules, digest));
  }

  /** The reason is for the log: it may quote the file, and anyone may read this. */
  @Override
  public void policyRefused(String reason) {
    policy =
        Finding.strained(
            "the policy file cannot be used since %s, and the last good one stays; the log says why"
                .formatted(Instant.now()));
  }

  /** Whether the policy that holds is the one that is in place. */
  Finding policy() {
    return policy;
  }

  /** Domain events that went out. */
  long published() {
    return published.sum();
  }

  /** Domain events that should have gone out and did not. */
  long unpublished() {
    return unpublished.sum();
  }

  /** Whether steps can be taken. */
  Finding intake() {
    return intake;
  }

  /** Whether what becomes of steps can be written. */
  Finding steps() {
    var detail = "%d steps ended, %d of them failed".formatted(ended.sum(), failed.sum());
    return reports
        ? Finding.ok(detail)
        : Finding.strained(
            detail + "; the latest results could not be written and are tried again");
  }
}
