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
  private static final Logger LOG = LoggerFactory.getLogger(ChannelListener.class);
  private static final Duration PING_EVERY = Duration.ofSeconds(30);
  private static final Duration SHORTEST_DELAY = Duration.ofMillis(200);
  private static final Duration LONGEST_DELAY = Duration.ofSeconds(10);

  private final Database database;
  private final String name;
  private final List<String> channels;
  private final Predicate<String> concerns;
  private final Supplier<@Nullable Duration> connected;
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
   * @param name what is listened to, for the log
   * @param channels as they are sent; they are quoted here
   * @param concerns whether a notice with this payload is worth a call
   * @param wakeUp called on the listener's thread
   */
  public ChannelListener(
      Database database,
      String name,
      List<String> channels,
      Predicate<String> concerns,
      Runnable wakeUp) {
    this(database, name, channels, concerns, () -> null, wakeUp);
  }

  /**
   * @param connected called when a connection listens; answers for how long the sender may be quiet
   *     after a notice although there is news, or null when it tells everything
   */
  ChannelListener(
      Database database,
      String name,
      List<String> channels,
      Predicate<String> concerns,
      Supplier<@Nullable Duration> connected,
      Runnable wakeUp) {
    this.database = database;
    this.name = name;
    this.channels = List.copyOf(channels);
    this.concerns = concerns;
    this.connected = connected;
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
        if (adopt(open)) {
          listen(open);
        }
      } catch (SQLException | RuntimeException e) {
        if (!isClosed()) {
          LOG.atWarn()
              .addKeyValue("queue", name)
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
      for (var channel : channels) {
        statement.execute("listen \"" + channel.replace("\"", "\"\"") + "\"");
      }
    }
    var quiet = connected.get();
    delay = SHORTEST_DELAY;
    wakeUp.run();
    boolean mayHaveMissed = false;
    while (!isClosed()) {
      var wait = quiet != null && mayHaveMissed ? quiet : PING_EVERY;
      var arrived = notices.getNotifications(Math.toIntExact(wait.toMillis()));
      if (arrived != null && arrived.length > 0) {
        if (Arrays.stream(arrived).anyMatch(notice -> concerns.test(notice.getParameter()))) {
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
