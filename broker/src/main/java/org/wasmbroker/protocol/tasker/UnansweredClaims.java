package org.wasmbroker.protocol.tasker;

import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.TimeSource;

/**
 * Calls that claimed steps and of which no answer came. Their steps may be this worker's, and as
 * long as it lives nobody else looks after them. The connection may also have broken while the
 * server was at it, so that it commits a moment later: a call is asked after for a while.
 */
final class UnansweredClaims {
  private static final Duration EVERY = Duration.ofSeconds(1);

  /** Longer than a statement goes on in a server that lost sight of its client. */
  private static final Duration KEPT = Duration.ofMinutes(2);

  /**
   * @param since when the answer was found missing, in nanoseconds of the time source
   * @param due when it is asked after again
   */
  record Call(UUID batch, long since, long due) {}

  private final TimeSource time;
  private final Queue<Call> calls = new ConcurrentLinkedQueue<>();

  UnansweredClaims(TimeSource time) {
    this.time = time;
  }

  void add(UUID batch) {
    long now = time.nanos();
    calls.add(new Call(batch, now, now));
  }

  /** Takes out one that is to be asked after now, or null. */
  @Nullable Call takeDue() {
    long now = time.nanos();
    for (var call : List.copyOf(calls)) {
      if (call.due() - now <= 0 && calls.remove(call)) {
        return call;
      }
    }
    return null;
  }

  /** The steps of this call were not there; they may come. */
  void notFound(Call call) {
    long now = time.nanos();
    if (now - call.since() < KEPT.toNanos()) {
      calls.add(new Call(call.batch(), call.since(), now + EVERY.toNanos()));
    }
  }

  /** Nobody could say whether its steps are there. */
  void notAsked(Call call) {
    calls.add(call);
  }
}
