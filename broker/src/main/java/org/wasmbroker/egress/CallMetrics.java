package org.wasmbroker.egress;

import java.time.Duration;
import org.wasmbroker.step.TimeSource;

/** What is reported about a request once it has ended. Used by the step's thread. */
final class CallMetrics {
  private final CallEvents events;
  private final Watchdog watchdog;
  private final HttpCall call;
  private final TimeSource time;
  private final long started;
  private String rule = "none";
  private String outcome = "none";
  private long sentBytes;
  private long receivedBytes;

  CallMetrics(CallEvents events, Watchdog watchdog, HttpCall call, TimeSource time) {
    this.events = events;
    this.watchdog = watchdog;
    this.call = call;
    this.time = time;
    this.started = time.nanos();
    watchdog.watch(call);
  }

  void sending(String newRule, long bytes) {
    rule = newRule;
    sentBytes += bytes;
  }

  boolean wasSent() {
    return sentBytes > 0;
  }

  void responseReceived(int status, long bytes) {
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
