package org.wasmbroker.pgmq;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens on channels, on a connection of its own, and calls back.
 *
 * <p>A lost connection is made again after a delay with jitter. Notices sent meanwhile are gone, so
 * every new connection calls back once. A quiet connection is asked now and then whether it is
 * still there.
 */
public final class ChannelListener implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ChannelListener.class);
  private static final Duration PING_INTERVAL = Duration.ofSeconds(30);
  private static final Duration MIN_DELAY = Duration.ofMillis(200);
  private static final Duration MAX_DELAY = Duration.ofSeconds(10);

  private final Database database;
  private final String name;
  private final List<String> channels;
  private final Predicate<String> relevant;
  private final Supplier<@Nullable Duration> onConnected;
  private final Runnable wakeUp;
  private final Thread thread;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // Guarded by lock.
  private @Nullable Connection connection;
  private boolean closed;

  // Of the listener's thread only.
  private Duration delay = MIN_DELAY;

  /**
   * @param name what is listened to, for the log
   * @param channels as they are sent; they are quoted here
   * @param relevant whether a notice with this payload is worth a call
   * @param wakeUp called on the listener's thread
   */
  public ChannelListener(
      Database database,
      String name,
      List<String> channels,
      Predicate<String> relevant,
      Runnable wakeUp) {
    this(database, name, channels, relevant, () -> null, wakeUp);
  }

  /**
   * @param onConnected called when a connection listens; answers for how long the sender may be
   *     quiet after a notice although there is news, or null when it tells everything
   */
  ChannelListener(
      Database database,
      String name,
      List<String> channels,
      Predicate<String> relevant,
      Supplier<@Nullable Duration> onConnected,
      Runnable wakeUp) {
    this.database = database;
    this.name = name;
    this.channels = List.copyOf(channels);
    this.relevant = relevant;
    this.onConnected = onConnected;
    this.wakeUp = wakeUp;
    this.thread = Thread.ofVirtual().name("listen-" + name).unstarted(this::run);
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
        if (register(open)) {
          listen(open);
        }
      } catch (SQLException | RuntimeException e) {
        if (!isClosed()) {
          log.atWarn()
              .addKeyValue("queue", name)
              .addKeyValue("cause", e.getMessage())
              .addKeyValue("retry_ms", delay.toMillis())
              .log("not listening to the queue; polling goes on");
        }
      }
      backOff();
    }
  }

  private void listen(Connection open) throws SQLException {
    var pgConnection = open.unwrap(PGConnection.class);
    try (var statement = open.createStatement()) {
      for (var channel : channels) {
        statement.execute("listen \"" + channel.replace("\"", "\"\"") + "\"");
      }
    }
    var quiet = onConnected.get();
    delay = MIN_DELAY;
    wakeUp.run();
    boolean mayHaveMissed = false;
    while (!isClosed()) {
      var wait = quiet != null && mayHaveMissed ? quiet : PING_INTERVAL;
      var notifications = pgConnection.getNotifications(Math.toIntExact(wait.toMillis()));
      if (notifications != null && notifications.length > 0) {
        if (Arrays.stream(notifications).anyMatch(notice -> relevant.test(notice.getParameter()))) {
          mayHaveMissed = quiet != null;
          wakeUp.run();
        }
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

  private boolean register(Connection open) {
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
  private void backOff() {
    long half = delay.toNanos() / 2;
    long nanos = half + ThreadLocalRandom.current().nextLong(half);
    delay = delay.multipliedBy(2);
    if (delay.compareTo(MAX_DELAY) > 0) {
      delay = MAX_DELAY;
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
      log.atDebug().addKeyValue("cause", e.getMessage()).log("the listening connection was gone");
    }
  }
}
