package org.wasmbroker.telemetry.micrometer;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.DoubleSupplier;
import java.util.function.IntSupplier;

/**
 * The gauges of the database and its queues. All are read at each scrape, from what was measured
 * last; NaN for what is not known.
 */
public final class DatabaseMeters {
  private final MeterRegistry registry;

  DatabaseMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  /**
   * The pool of connections.
   *
   * @param max its size
   */
  public record PoolGauges(
      IntSupplier active, IntSupplier idle, IntSupplier waiting, IntSupplier max) {}

  /** A queue, as docs/metrics.md describes its metrics. */
  public record QueueGauges(
      DoubleSupplier depth,
      DoubleSupplier visible,
      DoubleSupplier inFlight,
      DoubleSupplier delayed,
      DoubleSupplier oldestSeconds,
      DoubleSupplier oldestVisibleSeconds,
      DoubleSupplier archived) {}

  /** A table of a queue, as docs/metrics.md describes its metrics. */
  public record TableGauges(
      DoubleSupplier bytes,
      DoubleSupplier indexBytes,
      DoubleSupplier liveRows,
      DoubleSupplier deadRows,
      DoubleSupplier vacuumSeconds) {}

  /**
   * The database of the queues.
   *
   * @param failures measurements that failed, since the start
   */
  public record HorizonGauges(
      DoubleSupplier oldestSeconds, DoubleSupplier transactions, DoubleSupplier failures) {}

  public void register(PoolGauges pool) {
    connections("active", pool.active());
    connections("idle", pool.idle());
    gauge("wasm.broker.database.connections.max", "Maximum number of database connections.")
        .apply(pool.max()::getAsInt)
        .register(registry);
    gauge(
            "wasm.broker.database.connections.waiting",
            "Threads of the broker that wait for a database connection.")
        .apply(pool.waiting()::getAsInt)
        .register(registry);
  }

  private void connections(String state, IntSupplier value) {
    gauge("wasm.broker.database.connections", "Connections to the database, by use.")
        .apply(value::getAsInt)
        .tag("state", state)
        .register(registry);
  }

  public void registerQueue(String name, QueueGauges queue) {
    queue(name, "depth", "Messages in a queue, including those being processed.", queue.depth());
    queue(name, "visible", "Messages in a queue that can be claimed now.", queue.visible());
    queue(
        name,
        "in.flight",
        "Messages in a queue that a worker has claimed and that are hidden from others.",
        queue.inFlight());
    queue(
        name,
        "delayed",
        "Messages in a queue that nobody has and that become visible later, such as retries.",
        queue.delayed());
    queue(
        name,
        "archived",
        "Messages in the archive of a queue, by Postgres' estimate.",
        queue.archived());
    seconds(
        name, "oldest.message.age", "Age of the oldest message in a queue.", queue.oldestSeconds());
    seconds(
        name,
        "oldest.visible.age",
        "For how long the message that has been visible for longest waits to be claimed; 0 if none"
            + " does.",
        queue.oldestVisibleSeconds());
  }

  private void queue(String queue, String what, String description, DoubleSupplier value) {
    gauge("wasm.broker.queue." + what, description)
        .apply(value)
        .tag("queue", queue)
        .register(registry);
  }

  private void seconds(String queue, String what, String description, DoubleSupplier value) {
    gauge("wasm.broker.queue." + what, description)
        .apply(value)
        .baseUnit("seconds")
        .tag("queue", queue)
        .register(registry);
  }

  public void registerTable(String name, TableGauges table) {
    table(name, "bytes", "Size of a table of a queue, without indexes.", table.bytes());
    table(name, "index.bytes", "Size of the indexes of a table of a queue.", table.indexBytes());
    table(
        name,
        "live.tuples",
        "Rows of a table of a queue, by Postgres' statistics.",
        table.liveRows());
    table(
        name,
        "dead.tuples",
        "Versions of rows in a table of a queue that vacuum has not removed, by Postgres'"
            + " statistics.",
        table.deadRows());
    table(
        name,
        "vacuum.age.seconds",
        "Time since a table of a queue was vacuumed; NaN if it never was.",
        table.vacuumSeconds());
  }

  private void table(String table, String what, String description, DoubleSupplier value) {
    gauge("wasm.broker.table." + what, description)
        .apply(value)
        .tag("table", table)
        .register(registry);
  }

  public void register(HorizonGauges horizon) {
    gauge(
            "wasm.broker.database.oldest.transaction",
            "Age of the oldest transaction in the database of the queues; NaN unless the role has"
                + " pg_read_all_stats.")
        .apply(horizon.oldestSeconds())
        .baseUnit("seconds")
        .register(registry);
    gauge(
            "wasm.broker.database.xmin.age.transactions",
            "Transactions since the oldest one for which dead rows must be kept.")
        .apply(horizon.transactions())
        .register(registry);
    FunctionCounter.builder(
            "wasm.broker.queue.metrics.failures", horizon.failures(), DoubleSupplier::getAsDouble)
        .description("Measurements of queues that failed; the log says why.")
        .register(registry);
  }

  private record GaugeStart(String name, String description) {
    Gauge.Builder<?> apply(DoubleSupplier value) {
      return Gauge.builder(name, value::getAsDouble).description(description);
    }
  }

  private static GaugeStart gauge(String name, String description) {
    return new GaugeStart(name, description);
  }
}
