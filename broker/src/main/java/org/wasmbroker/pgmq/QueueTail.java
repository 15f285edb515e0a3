package org.wasmbroker.pgmq;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.TimeSource;

/**
 * Reads the messages of a queue as they arrive, each one once, and leaves them where they are.
 *
 * <p>A message gets its id before its transaction commits, so it can become visible after messages
 * with higher ids. Reading on from the highest id seen would miss it. Skipped ids are therefore
 * asked for again until no transaction is left that could write them: those that were under way
 * {@link #PATIENCE} after the id was skipped have ended. An id whose transaction was rolled back,
 * or whose message was archived, never comes. Not thread-safe.
 */
public final class QueueTail {
  /** From the id of a message to the transaction's own id, which it gets a moment later. */
  static final Duration PATIENCE = Duration.ofMinutes(1);

  /** A queue that was in use for long begins with a gap as large as its history. */
  private static final int MAX_SKIPPED_IDS = 1_000;

  private final Pgmq pgmq;
  private final QueueName queue;
  private final TimeSource time;
  private final Map<Long, Skipped> skipped = new LinkedHashMap<>();

  private long last;

  /**
   * An id that was skipped.
   *
   * @param nanos when, on the monotonic clock
   * @param transaction the id of a transaction that began later than every one that could still
   *     write it; null until {@link #PATIENCE} has passed
   */
  private record Skipped(long nanos, @Nullable Long transaction) {}

  public QueueTail(Pgmq pgmq, QueueName queue, TimeSource time) {
    this.pgmq = pgmq;
    this.queue = queue;
    this.time = time;
  }

  /** The messages that have become visible, in order of id; at most {@code max} of them. */
  public List<QueueMessage> next(int max) {
    long now = time.nanos();
    var ended = idsWithoutTransaction(now);
    var messages = pgmq.peek(queue, last, List.copyOf(skipped.keySet()), max);
    for (var message : messages) {
      if (skipped.remove(message.id()) == null) {
        for (long id = Math.max(last + 1, message.id() - MAX_SKIPPED_IDS);
            id < message.id();
            id++) {
          skipped.put(id, new Skipped(now, null));
        }
        last = message.id();
      }
    }
    if (messages.size() < max) { // otherwise one of them may be among those not returned
      ended.forEach(skipped::remove);
    }
    limit();
    return messages;
  }

  /** How many ids are still waited for. */
  int skipped() {
    return skipped.size();
  }

  /** The skipped ids that will not come any more unless they are visible now. */
  private List<Long> idsWithoutTransaction(long now) {
    if (skipped.values().stream().noneMatch(id -> now - id.nanos() > PATIENCE.toNanos())) {
      return List.of();
    }
    var transactions = pgmq.runningTransactions();
    var ended = new ArrayList<Long>();
    for (var entry : skipped.entrySet()) {
      var transaction = entry.getValue().transaction();
      if (transaction != null) {
        if (transactions.oldest() >= transaction) {
          ended.add(entry.getKey());
        }
      } else if (now - entry.getValue().nanos() > PATIENCE.toNanos()) {
        entry.setValue(new Skipped(entry.getValue().nanos(), transactions.next()));
      }
    }
    return ended;
  }

  private void limit() {
    var oldest = skipped.keySet().iterator();
    while (skipped.size() > MAX_SKIPPED_IDS) {
      oldest.next();
      oldest.remove();
    }
  }
}
