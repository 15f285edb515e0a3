package org.wasmbroker.app;

import java.time.Instant;
import java.util.concurrent.atomic.LongAdder;
import org.wasmbroker.app.HealthCheck.Result;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.telemetry.BrokerEvent;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.IntakeEvent;
import org.wasmbroker.telemetry.LifecycleEvent;
import org.wasmbroker.telemetry.McpEvent;
import org.wasmbroker.telemetry.ModuleEvent;
import org.wasmbroker.telemetry.PolicyEvent;
import org.wasmbroker.telemetry.RecordingEvent;
import org.wasmbroker.telemetry.ReportEvent;
import org.wasmbroker.telemetry.RolloutEvent;
import org.wasmbroker.telemetry.SessionEvent;
import org.wasmbroker.telemetry.StepEvent;
import org.wasmbroker.telemetry.TaskerEvent;
import org.wasmbroker.telemetry.TraceEvent;
import org.wasmbroker.telemetry.TrustEvent;

/** The health of the stages, according to their latest events. */
final class StageHealth implements EventSink {
  private static final Result CLAIMING = Result.ok("the latest claim succeeded");

  private final LongAdder stepsEnded = new LongAdder();
  private final LongAdder stepsFailed = new LongAdder();
  private final LongAdder eventsPublished = new LongAdder();
  private final LongAdder eventsFailed = new LongAdder();
  private volatile Result intake = Result.ok("no claim yet");
  private volatile boolean reporting = true;
  private volatile Result policy =
      Result.ok("no policy file: only the basic functions are granted");

  private volatile Result approvals = Result.ok("no approvals are read");
  private volatile String keyNotices = "";
  private volatile Result rolloutFile = Result.ok("no rollout file: the newest versions serve");

  @Override
  public void on(BrokerEvent event) {
    switch (event) {
      case IntakeEvent.Claimed _ -> intake = CLAIMING;
      case IntakeEvent.ClaimFailed(Throwable cause, _) ->
          intake = Result.failing("the latest claim failed: " + cause.getMessage());
      case StepEvent.Ended(Outcome outcome) -> ended(outcome);
      case ReportEvent.Written _ -> reporting = true;
      case ReportEvent.WriteFailed _ -> reporting = false;
      case TaskerEvent.DomainEventsPublished(int events) -> eventsPublished.add(events);
      case TaskerEvent.DomainEventFailed _ -> eventsFailed.increment();
      case PolicyEvent.Applied(Digest digest, int rules) ->
          policy = Result.ok("%d rules, sha256:%s".formatted(rules, digest));
      // the reason is only logged: it may quote the file, and health is readable by anyone
      case PolicyEvent.Refused _ ->
          policy =
              Result.degraded(
                  "the policy file has been unusable since %s, and the previous policy stays in force; see the log"
                      .formatted(Instant.now()));
      case TrustEvent.ApprovalsApplied(int count) -> approvals = Result.ok(count + " approvals");
      case TrustEvent.ApprovalsRefused _ ->
          approvals =
              Result.degraded(
                  "the file of the approvals has been unusable since %s, and those before stay in force; see the log"
                      .formatted(Instant.now()));
      case TrustEvent.KeysChanged(_, String notices) -> keyNotices = notices;
      case RolloutEvent.Applied(Digest digest, int handlers, int candidates) ->
          rolloutFile =
              Result.ok(
                  "%d handlers, %d candidates, sha256:%s".formatted(handlers, candidates, digest));
      // the reason may quote the file, as above
      case RolloutEvent.Refused _ ->
          rolloutFile =
              Result.degraded(
                  "the rollout file has been unusable since %s, and the previous one stays in force; see the log"
                      .formatted(Instant.now()));
      case IntakeEvent _,
          RolloutEvent _,
          StepEvent _,
          ReportEvent _,
          TaskerEvent _,
          ModuleEvent _,
          TraceEvent _,
          RecordingEvent _,
          McpEvent _,
          SessionEvent _,
          LifecycleEvent _ -> {}
    }
  }

  private void ended(Outcome outcome) {
    stepsEnded.increment();
    if (!(outcome instanceof Outcome.Completed)) {
      stepsFailed.increment();
    }
  }

  /** Whether the policy in force is that of the current policy file. */
  Result policy() {
    return policy;
  }

  /** Whether the approvals are those of the current file, and which keys of signatures end. */
  Result trust() {
    var read = approvals;
    if (keyNotices.isEmpty() || read.state() != HealthCheck.State.OK) {
      return read;
    }
    return Result.degraded(read.detail() + "; " + keyNotices);
  }

  /** Whether the rollout in force is that of the current rollout file. */
  Result rolloutFile() {
    return rolloutFile;
  }

  /** Domain events that were published. */
  long eventsPublished() {
    return eventsPublished.sum();
  }

  /** Domain events that could not be published. */
  long eventsFailed() {
    return eventsFailed.sum();
  }

  /** Whether steps can be claimed. */
  Result intake() {
    return intake;
  }

  /** Whether outcomes can be written. */
  Result steps() {
    var detail = "%d runs ended, %d of them failed".formatted(stepsEnded.sum(), stepsFailed.sum());
    return reporting
        ? Result.ok(detail)
        : Result.degraded(detail + "; the latest results could not be written and are retried");
  }
}
