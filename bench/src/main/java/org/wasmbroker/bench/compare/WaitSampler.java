package org.wasmbroker.bench.compare;

import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.embedded.EmbeddedPostgres;

/** Looks again and again at what the sessions of a server do: work, or wait for what. */
final class WaitSampler implements AutoCloseable {
  private static final Duration INTERVAL = Duration.ofMillis(20);
  private static final String SQL =
      """
      select count(*), count(*) filter (where wait_event_type = 'Lock'),
        count(*) filter (where wait_event_type = 'LWLock'), count(*) filter (where wait_event_type = 'IO')
      from pg_stat_activity
      where backend_type = 'client backend' and state = 'active' and pid <> pg_backend_pid()\
      """;

  private final EmbeddedPostgres postgres;
  private @Nullable Thread thread;
  private volatile boolean stopped;
  private volatile Samples result = new Samples(0, 0, 0, 0);
  private volatile @Nullable SQLException failure;

  /**
   * How many sessions were seen on average.
   *
   * @param active with a statement, the waiting ones among them
   * @param locks waiting for a row, table or transaction
   * @param latches waiting for a structure of the server's
   * @param disk waiting for a read, a write or a flush
   */
  record Samples(double active, double locks, double latches, double disk) {}

  WaitSampler(EmbeddedPostgres postgres) {
    this.postgres = postgres;
  }

  void begin() {
    thread = Thread.ofPlatform().start(this::sample);
  }

  /** Stops and returns what was seen. */
  Samples end() throws InterruptedException, SQLException {
    close();
    var running = thread;
    if (running != null) {
      running.join();
    }
    var failed = failure;
    if (failed != null) {
      throw failed;
    }
    return result;
  }

  private void sample() {
    try (var connection =
            DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), postgres.password());
        var statement = connection.createStatement()) {
      long count = 0;
      long[] sums = new long[4];
      while (!stopped) {
        try (var rows = statement.executeQuery(SQL)) {
          rows.next();
          for (int i = 0; i < sums.length; i++) {
            sums[i] += rows.getLong(i + 1);
          }
        }
        count++;
        LockSupport.parkNanos(INTERVAL.toNanos());
      }
      double all = Math.max(1, count);
      result = new Samples(sums[0] / all, sums[1] / all, sums[2] / all, sums[3] / all);
    } catch (SQLException e) {
      failure = e;
    }
  }

  /** Stops soon. */
  @Override
  public void close() {
    stopped = true;
  }
}
