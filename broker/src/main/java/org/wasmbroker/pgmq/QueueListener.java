package org.wasmbroker.pgmq;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Listens for PGMQ's notifications of inserts into one queue, and calls back.
 *
 * <p>PGMQ notifies of the first insert and then suppresses further notifications for an interval.
 * So the listener calls back on a notification, and once more after an interval without another
 * one: messages sent in between are found then, and not only by the next poll.
 */
public final class QueueListener implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(QueueListener.class);
  private static final Duration MARGIN = Duration.ofMillis(5);

  private final ChannelListener listener;

  /**
   * @param interval PGMQ's notification interval for this queue, if none is configured yet
   * @param wakeUp called on the listener's thread
   */
  public QueueListener(Database database, QueueName queue, Duration interval, Runnable wakeUp) {
    var pgmq = new Pgmq(database);
    var told = new AtomicBoolean();
    this.listener =
        new ChannelListener(
            database,
            queue.value(),
            List.of(queue.channel()),
            payload -> true,
            () -> quietPeriod(pgmq, queue, interval, told),
            wakeUp);
  }

  /**
   * Without notifications of inserts, which the role may be unable to enable, there are still those
   * that brokers send when they release steps.
   *
   * @param told whether the log says so already: not at every connection
   */
  private static Duration quietPeriod(
      Pgmq pgmq, QueueName queue, Duration interval, AtomicBoolean told) {
    try {
      var period = pgmq.ensureNotifications(queue, interval).plus(MARGIN);
      told.set(false);
      return period;
    } catch (SqlFailure failure) {
      if (failure.kind() != SqlFailure.Kind.PERMANENT) {
        throw failure;
      }
      log.atLevel(told.getAndSet(true) ? Level.DEBUG : Level.WARN)
          .addKeyValue("queue", queue)
          .addKeyValue("cause", failure.getMessage())
          .log(
              "new messages are not notified; polling finds them. As the owner of the queue, run:"
                  + " {}",
              Pgmq.enableNotificationsSql(queue, interval));
      return interval.plus(MARGIN);
    }
  }

  public void start() {
    listener.start();
  }

  /** Stops listening; returns when no callback is in progress any more. */
  @Override
  public void close() {
    listener.close();
  }
}
