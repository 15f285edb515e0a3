package org.wasmbroker.protocol.tasker.claim;

import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.TimeSource;

/**
 * Claim calls whose response was lost. Their steps may belong to this worker, and as long as it
 * lives nobody else recovers them. The connection may also have broken while the server was still
 * executing the statement, which then commits a moment later: so a call is looked up repeatedly for
 * a while.
 */
final class InDoubtClaims {
  private static final Duration LOOKUP_INTERVAL = Duration.ofSeconds(1);

  /** Longer than a server keeps executing a statement whose client is gone. */
  private static final Duration RETENTION = Duration.ofMinutes(2);

  /**
   * @param since when the response turned out to be missing, in nanoseconds of the time source
   * @param due when it is looked up next
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

  /** Removes and returns a batch whose lookup is due, or null. */
  @Nullable Batch pollDue() {
    long now = time.nanos();
    for (var call : List.copyOf(calls)) {
      if (call.due() - now <= 0 && calls.remove(call)) {
        return call;
      }
    }
    return null;
  }

  /** The batch's steps were not found; its statement may still commit. */
  void notFound(Batch call) {
    if (time.nanos() - call.since() < RETENTION.toNanos()) {
      postpone(call);
    }
  }

  /** It is looked up again later. */
  void postpone(Batch call) {
    calls.add(new Batch(call.batch(), call.since(), time.nanos() + LOOKUP_INTERVAL.toNanos()));
  }

  /** The lookup itself failed. */
  void lookupFailed(Batch call) {
    calls.add(call);
  }
}
