package org.wasmbroker.pgmq;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.concurrent.OutageLog;
import org.wasmbroker.concurrent.TaskLoop;
import org.wasmbroker.step.Backoff;

/**
 * Listens on channels, on a connection of its own, and calls back.
 *
 * <p>A lost connection is reopened after a delay with jitter. Notifications sent meanwhile are
 * lost, so every new connection calls back once. An idle connection is pinged periodically.
 */
public final class ChannelListener implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ChannelListener.class);
  private static final Duration PING_INTERVAL = Duration.ofSeconds(30);
  private static final Backoff BACKOFF =
      new Backoff(Duration.ofMillis(200), Duration.ofSeconds(10));

  private final Database database;
  private final List<String> channels;
  private final Predicate<String> relevant;
  private final Supplier<@Nullable Duration> onConnected;
  private final Runnable wakeUp;
  private final TaskLoop loop;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Connection connection; // guarded by lock
  private final OutageLog outage;

  /**
   * @param name what it listens for, in the log
   * @param channels their names, unquoted
   * @param relevant whether a notification with this payload requires a call
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
   * @param onConnected called when a connection listens; returns for how long the sender may
   *     suppress notifications after one, or null if it sends them all
   */
  ChannelListener(
      Database database,
      String name,
      List<String> channels,
      Predicate<String> relevant,
      Supplier<@Nullable Duration> onConnected,
      Runnable wakeUp) {
    this.database = database;
    this.channels = List.copyOf(channels);
    this.relevant = relevant;
    this.onConnected = onConnected;
    this.wakeUp = wakeUp;
    this.outage =
        new OutageLog(
            log,
            "notifications of %s are not received, polling finds new messages".formatted(name),
            "notifications of %s are received again".formatted(name));
    this.loop = new TaskLoop("listen-" + name, this::listenOnce);
  }

  /** Starts listening, unless it was closed before. */
  public void start() {
    if (!loop.isStopped()) {
      loop.start();
    }
  }

  /** Stops listening; returns when no callback is in progress any more. */
  @Override
  public void close() {
    loop.stop();
    abort(connection());
    loop.close();
  }

  /** Listens until the connection is lost; returns the delay before the next one is opened. */
  private Duration listenOnce() {
    try (var open = database.connect()) {
      if (register(open)) {
        listen(open);
      }
      return Duration.ZERO;
    } catch (SQLException | RuntimeException e) {
      if (loop.isStopped()) {
        return Duration.ZERO;
      }
      int failures = outage.failed(SqlFailure.severityOf(e), e);
      return BACKOFF.delay(failures, ThreadLocalRandom.current().nextDouble());
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
    outage.succeeded();
    wakeUp.run();
    boolean mayHaveMissed = false;
    while (!loop.isStopped()) {
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

  /** False when the listener was stopped; a later stop aborts the connection. */
  private boolean register(Connection open) {
    lock.lock();
    try {
      connection = open;
    } finally {
      lock.unlock();
    }
    return !loop.isStopped();
  }

  private @Nullable Connection connection() {
    lock.lock();
    try {
      return connection;
    } finally {
      lock.unlock();
    }
  }

  /** Aborts a connection that another thread is waiting on. */
  private static void abort(@Nullable Connection open) {
    if (open == null) {
      return;
    }
    try {
      open.abort(Runnable::run);
    } catch (SQLException e) {
      log.atDebug()
          .addKeyValue("cause", e.getMessage())
          .log("the listening connection was already lost");
    }
  }
}
