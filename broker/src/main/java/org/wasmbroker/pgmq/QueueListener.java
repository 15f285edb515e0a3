package org.wasmbroker.pgmq;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens for inserts into one queue on a connection of its own, and calls back.
 *
 * <p>PGMQ tells of the first insert and then is quiet for an interval, whatever else comes. So the
 * listener calls back for a notice, and once more when an interval has passed with no other notice:
 * what was sent in between is found then, and not only by the next poll.
 *
 * <p>A lost connection is made again after a delay with jitter. Notices sent meanwhile are gone, so
 * every new connection calls back once. A quiet connection is asked now and then whether it is
 * still there.
 */
public final class QueueListener implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(QueueListener.class);
  private static final Duration PING_EVERY = Duration.ofSeconds(30);
  private static final Duration SHORTEST_DELAY = Duration.ofMillis(200);
  private static final Duration LONGEST_DELAY = Duration.ofSeconds(10);

  private final Database database;
  private final QueueName queue;
  private final Duration interval;
  private final Runnable wakeUp;
  private final Thread thread;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // Guarded by lock.
  private @Nullable Connection connection;
  private boolean closed;

  // Of the listener's thread only.
  private Duration delay = SHORTEST_DELAY;

  /**
   * @param interval PGMQ's notification interval for this queue, where none is set yet
   * @param wakeUp called on the listener's thread
   */
  public QueueListener(Database database, QueueName queue, Duration interval, Runnable wakeUp) {
    this.database = database;
    this.queue = queue;
    this.interval = interval;
    this.wakeUp = wakeUp;
    this.thread = Thread.ofVirtual().name("listen-" + queue).unstarted(this::run);
  }

  public void start() {
    thread.start();
  }

  /** Stops listening; returns when no call back is under way any more. */
  @Override
  public void close() {
    Connection open;
    lock.lock();
    try {
      closed = true;
      open = connection;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    abort(open);
    try {
      if (!thread.equals(Thread.currentThread()) && thread.getState() != Thread.State.NEW) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    while (!isClosed()) {
      try (var open = database.connect()) {
        if (adopt(open)) {
          listen(open);
        }
      } catch (SQLException | RuntimeException e) {
        if (!isClosed()) {
          LOG.atWarn()
              .addKeyValue("queue", queue)
              .addKeyValue("cause", e.getMessage())
              .addKeyValue("retry_ms", delay.toMillis())
              .log("not listening to the queue; polling goes on");
        }
      }
      waitABit();
    }
  }

  private void listen(Connection open) throws SQLException {
    var notices = open.unwrap(PGConnection.class);
    try (var statement = open.createStatement()) {
      statement.execute("listen \"" + queue.channel() + "\"");
    }
    var quiet = new Pgmq(database).ensureNotifications(queue, interval).plusMillis(5);
    delay = SHORTEST_DELAY;
    wakeUp.run();
    boolean mayHaveMissed = false;
    while (!isClosed()) {
      var wait = mayHaveMissed ? quiet : PING_EVERY;
      var arrived = notices.getNotifications(Math.toIntExact(wait.toMillis()));
      if (arrived != null && arrived.length > 0) {
        mayHaveMissed = true;
        wakeUp.run();
      } else if (mayHaveMissed) {
        mayHaveMissed = false;
        wakeUp.run();
      } else {
        ping(open);
      }
    }
  }

  private void ping(Connection open) throws SQLException {
    try (var statement = database.prepare(open, "select 1")) {
      statement.execute();
    }
  }

  private boolean adopt(Connection open) {
    lock.lock();
    try {
      connection = open;
      return !closed;
    } finally {
      lock.unlock();
    }
  }

  private boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  /** Waits the delay, half of it at random, and doubles it; returns early when closed. */
  private void waitABit() {
    long half = delay.toNanos() / 2;
    long nanos = half + ThreadLocalRandom.current().nextLong(half);
    delay = delay.multipliedBy(2);
    if (delay.compareTo(LONGEST_DELAY) > 0) {
      delay = LONGEST_DELAY;
    }
    lock.lock();
    try {
      while (!closed && nanos > 0) {
        nanos = changed.awaitNanos(nanos);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      closed = true;
    } finally {
      lock.unlock();
    }
  }

  /** Ends a connection that another thread waits on. */
  private static void abort(@Nullable Connection open) {
    if (open == null) {
      return;
    }
    try {
      open.abort(Runnable::run);
    } catch (SQLException e) {
      LOG.atDebug().addKeyValue("cause", e.getMessage()).log("the listening connection was gone");
    }
  }
}
