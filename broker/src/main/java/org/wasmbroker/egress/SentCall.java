package org.wasmbroker.egress;

import java.time.Duration;
import org.wasmbroker.step.TimeSource;

/** What is told of a request once it is over. Used by the step's thread. */
final class SentCall {
  private final CallEvents events;
  private final Watchdog watchdog;
  private final HttpCall call;
  private final TimeSource time;
  private final long started;
  private String rule = "none";
  private String outcome = "none";
  private long sentBytes;
  private long receivedBytes;

  SentCall(CallEvents events, Watchdog watchdog, HttpCall call, TimeSource time) {
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

  void answered(int status, long bytes) {
    outcome = status / 100 + "xx";
    receivedBytes += bytes;
  }

  void received(long bytes) {
    receivedBytes += bytes;
  }

  /** Nanoseconds since the guest's call. */
  long nanos() {
    return time.nanos() - started;
  }

  /**
   * @param failed the type of the failure, empty if there was none
   */
  void ended(String failed) {
    watchdog.forget(call);
    if (wasSent()) {
      events.ended(
          rule,
          failed.isEmpty() ? outcome : failed,
          Duration.ofNanos(nanos()),
          sentBytes,
          receivedBytes);
    }
  }
}
