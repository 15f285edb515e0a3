package org.wasmbroker.pgmq;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Listens for inserts into one queue, of which PGMQ tells, and calls back.
 *
 * <p>PGMQ tells of the first insert and then is quiet for an interval, whatever else comes. So the
 * listener calls back for a notice, and once more when an interval has passed with no other notice:
 * what was sent in between is found then, and not only by the next poll.
 */
public final class QueueListener implements AutoCloseable {
  private static final Duration MARGIN = Duration.ofMillis(5);

  private final ChannelListener listener;

  /**
   * @param interval PGMQ's notification interval for this queue, where none is set yet
   * @param wakeUp called on the listener's thread
   */
  public QueueListener(Database database, QueueName queue, Duration interval, Runnable wakeUp) {
    var pgmq = new Pgmq(database);
    this.listener =
        new ChannelListener(
            database,
            queue.value(),
            List.of(queue.channel()),
            payload -> true,
            () -> quietPeriod(pgmq, queue, interval),
            wakeUp);
  }

  private static @Nullable Duration quietPeriod(Pgmq pgmq, QueueName queue, Duration interval) {
    return pgmq.ensureNotifications(queue, interval).plus(MARGIN);
  }

  public void start() {
    listener.start();
  }

  /** Stops listening; returns when no call back is under way any more. */
  @Override
  public void close() {
    listener.close();
  }
}
