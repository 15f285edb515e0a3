package org.wasmbroker.protocol.tasker.claim;

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
final class InDoubtClaims {
  private static final Duration LOOKUP_INTERVAL = Duration.ofSeconds(1);

  /** Longer than a statement goes on in a server that lost sight of its client. */
  private static final Duration RETENTION = Duration.ofMinutes(2);

  /**
   * @param since when the answer was found missing, in nanoseconds of the time source
   * @param due when it is asked after again
   */
  record Batch(UUID batch, long since, long due) {}

  private final TimeSource time;
  private final Queue<Batch> calls = new ConcurrentLinkedQueue<>();

  InDoubtClaims(TimeSource time) {
    this.time = time;
  }

  void add(UUID batch) {
    long now = time.nanos();
    calls.add(new Batch(batch, now, now));
  }

  /** Takes out one that is to be asked after now, or null. */
  @Nullable Batch pollDue() {
    long now = time.nanos();
    for (var call : List.copyOf(calls)) {
      if (call.due() - now <= 0 && calls.remove(call)) {
        return call;
      }
    }
    return null;
  }

  /** The steps of this call were not there; they may come. */
  void notFound(Batch call) {
    long now = time.nanos();
    if (now - call.since() < RETENTION.toNanos()) {
      calls.add(new Batch(call.batch(), call.since(), now + LOOKUP_INTERVAL.toNanos()));
    }
  }

  /** Nobody could say whether its steps are there. */
  void lookupFailed(Batch call) {
    calls.add(call);
  }
}
