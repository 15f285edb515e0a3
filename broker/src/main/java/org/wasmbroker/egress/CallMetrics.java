package org.wasmbroker.egress;

import java.time.Duration;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.step.TraceContext;
import org.wasmbroker.telemetry.HttpTrace;

/** What is reported about a request once it has ended. Used by the step's thread. */
final class CallMetrics {
  private final CallEvents events;
  private final Watchdog watchdog;
  private final HttpCall call;
  private final TimeSource time;
  private final long started;
  private String rule = "none";
  private String outcome = "none";
  private HttpTrace trace = HttpTrace.NONE;
  private long sentBytes;
  private long tracedSent;
  private long tracedReceived;
  private long receivedBytes;

  CallMetrics(CallEvents events, Watchdog watchdog, HttpCall call, TimeSource time) {
    this.events = events;
    this.watchdog = watchdog;
    this.call = call;
    this.time = time;
    this.started = time.nanos();
    watchdog.watch(call);
  }

  /** A request, the first or one that follows a redirect, is about to be sent. */
  void tracedBy(HttpTrace newTrace) {
    trace = newTrace;
    tracedSent = sentBytes;
    tracedReceived = receivedBytes;
  }

  /** What the request carries. */
  TraceContext context(TraceContext step) {
    return trace.context(step);
  }

  /** The response was a redirect, which is followed. */
  void redirected(int status) {
    trace.answered(status);
    endTrace("");
  }

  private void endTrace(String failureType) {
    trace.ended(failureType, sentBytes - tracedSent, receivedBytes - tracedReceived);
  }

  void sending(String newRule, long bytes) {
    rule = newRule;
    sentBytes += bytes;
  }

  boolean wasSent() {
    return sentBytes > 0;
  }

  void responseReceived(int status, long bytes) {
    trace.answered(status);
    outcome = status / 100 + "xx";
    receivedBytes += bytes;
  }

  void bodyReceived(long bytes) {
    receivedBytes += bytes;
  }

  /** Nanoseconds since the guest's call. */
  long elapsedNanos() {
    return time.nanos() - started;
  }

  /**
   * @param failureType the type of the failure, empty if there was none
   */
  void ended(String failureType) {
    watchdog.unwatch(call);
    endTrace(failureType);
    if (wasSent()) {
      events.ended(
          rule,
          failureType.isEmpty() ? outcome : failureType,
          Duration.ofNanos(elapsedNanos()),
          sentBytes,
          receivedBytes);
    }
  }
}
