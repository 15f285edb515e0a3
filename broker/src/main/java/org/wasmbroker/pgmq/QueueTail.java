package org.wasmbroker.pgmq;

import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.wasmbroker.step.TimeSource;

/**
 * Reads the messages of a queue as they arrive, each one once, and leaves them where they are.
 *
 * <p>A message gets its id before its transaction commits, so it can become visible after messages
 * with higher ids. Reading on from the highest id seen would miss it. Skipped ids are therefore
 * asked for again until they have been missing for {@link #PATIENCE}: an id whose transaction was
 * rolled back, or whose message was archived, never comes. Not thread-safe.
 */
public final class QueueTail {
  static final Duration PATIENCE = Duration.ofMinutes(1);

  /** A queue that was in use for long begins with a gap as large as its history. */
  private static final int MAX_SKIPPED_IDS = 1_000;

  private final Pgmq pgmq;
  private final QueueName queue;
  private final TimeSource time;

  /** Each skipped id with the monotonic time, in nanoseconds, at which it was skipped. */
  private final Map<Long, Long> skipped = new LinkedHashMap<>();

  private long last;

  public QueueTail(Pgmq pgmq, QueueName queue, TimeSource time) {
    this.pgmq = pgmq;
    this.queue = queue;
    this.time = time;
  }

  /** The messages that have become visible, in order of id; at most {@code max} of them. */
  public List<QueueMessage> next(int max) {
    long now = time.nanos();
    forget(now);
    var messages = pgmq.peek(queue, last, List.copyOf(skipped.keySet()), max);
    for (var message : messages) {
      if (skipped.remove(message.id()) == null) {
        for (long id = Math.max(last + 1, message.id() - MAX_SKIPPED_IDS);
            id < message.id();
            id++) {
          skipped.put(id, now);
        }
        last = message.id();
      }
    }
    return messages;
  }

  private void forget(long now) {
    Iterator<Long> since = skipped.values().iterator();
    while (since.hasNext() && (now - since.next() > PATIENCE.toNanos() || isFull())) {
      since.remove();
    }
  }

  private boolean isFull() {
    return skipped.size() > MAX_SKIPPED_IDS;
  }
}
