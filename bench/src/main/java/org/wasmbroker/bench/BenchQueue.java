package org.wasmbroker.bench;

import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.wasmbroker.embedded.EmbeddedPostgres;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.DatabaseConfig;
import org.wasmbroker.pgmq.Password;
import org.wasmbroker.pgmq.Pgmq;
import org.wasmbroker.pgmq.QueueName;
import org.wasmbroker.protocol.standalone.StandaloneConfig;
import org.wasmbroker.sandbox.EngineConfig;

/** Queues for one measurement, emptied before each use. */
public final class BenchQueue {
  private static final int BATCH = 1000;
  private static final String FILTER =
      """
      {"filter":"[.context.lines[] | .price * .quantity] | add | {total: .}"}\
      """;

  private final EmbeddedPostgres postgres;
  private final Path compiled;
  private final StandaloneConfig queues;

  /** Times from sending a step to its start and to its result. */
  record Latencies(
      Duration startMedian, Duration startP99, Duration resultMedian, Duration resultP99) {}

  public BenchQueue(EmbeddedPostgres postgres, Path compiled, String name) {
    this.compiled = compiled;
    this.postgres = postgres;
    var defaults = StandaloneConfig.DEFAULTS;
    this.queues =
        new StandaloneConfig(
            new QueueName(name),
            new QueueName(name + "_results"),
            defaults.lease(),
            defaults.timeout(),
            defaults.maxAttempts(),
            defaults.lostClaims(),
            defaults.notifyInterval(),
            defaults.archives());
  }

  EmbeddedPostgres server() {
    return postgres;
  }

  StandaloneConfig queues() {
    return queues;
  }

  DatabaseConfig database() {
    return DatabaseConfig.DEFAULTS.withUrl(
        postgres.jdbcUrl(), postgres.user(), Password.of(postgres.password()));
  }

  /**
   * With a compile cache, as in production, so that a starting broker finds its modules compiled.
   */
  EngineConfig engine(int slots) {
    var defaults = EngineConfig.of(slots);
    return new EngineConfig(
        slots,
        defaults.memoryBytes(),
        defaults.stackBytes(),
        defaults.tick(),
        defaults.moduleBytes(),
        compiled,
        null);
  }

  public static String message(String workload) {
    return """
    {"step_uuid":"%s","handler":"%s","config":%s,"input":{"lines":[{"sku":"P-1","price":250,"quantity":2},\
    {"sku":"P-2","price":1200,"quantity":1},{"sku":"P-3","price":40,"quantity":12}]}}\
    """
        .formatted(UUID.randomUUID(), workload, workload.equals("transform") ? FILTER : "{}");
  }

  /** Empties the queues and sends messages to the first. */
  public void fill(String workload, int messages) throws SQLException {
    empty();
    try (var database = Database.open(database(), "bench")) {
      var pgmq = new Pgmq(database);
      for (int from = 0; from < messages; from += BATCH) {
        send(pgmq, workload, Math.min(BATCH, messages - from));
      }
    }
    execute("vacuum analyze pgmq.q_" + queues.queue());
    execute("checkpoint");
  }

  void send(Pgmq pgmq, String workload, int messages) {
    var batch = new ArrayList<String>(messages);
    for (int i = 0; i < messages; i++) {
      batch.add(message(workload));
    }
    pgmq.sendBatch(queues.queue(), batch, List.of());
  }

  /** Creates missing queues, and empties all of them and their archives. */
  void empty() throws SQLException {
    try (var database = Database.open(database(), "bench")) {
      var pgmq = new Pgmq(database);
      for (var queue : List.of(queues.queue(), queues.results(), queues.deadLetters())) {
        pgmq.createIfMissing(queue);
        execute("truncate pgmq.q_%s, pgmq.a_%s".formatted(queue, queue));
      }
    }
  }

  long results() throws SQLException {
    return number("select count(*) from pgmq.q_" + queues.results());
  }

  /** One result, as it is on the queue. */
  String result() throws SQLException {
    try (var connection = connect();
        var statement = connection.createStatement();
        var rows =
            statement.executeQuery("select message from pgmq.q_" + queues.results() + " limit 1")) {
      rows.next();
      return rows.getString(1);
    }
  }

  /** From the rows' own timestamps: when a step was sent, started, and had its result. */
  Latencies latencies() throws SQLException {
    var sql =
        """
        select percentile_disc(0.5) within group (order by started),
               percentile_disc(0.99) within group (order by started),
               percentile_disc(0.5) within group (order by answered),
               percentile_disc(0.99) within group (order by answered)
        from (
          select extract(epoch from (r.message->'metadata'->>'started_at')::timestamptz - a.enqueued_at) * 1e9 as started,
                 extract(epoch from r.enqueued_at - a.enqueued_at) * 1e9 as answered
          from pgmq.q_%s r
          join pgmq.a_%s a on a.message->>'step_uuid' = r.message->>'step_uuid') times
        """
            .formatted(queues.results(), queues.queue());
    try (var connection = connect();
        var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      rows.next();
      return new Latencies(
          Duration.ofNanos(rows.getLong(1)),
          Duration.ofNanos(rows.getLong(2)),
          Duration.ofNanos(rows.getLong(3)),
          Duration.ofNanos(rows.getLong(4)));
    }
  }

  private long number(String sql) throws SQLException {
    try (var connection = connect();
        var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getLong(1);
    }
  }

  private void execute(String sql) throws SQLException {
    try (var connection = connect();
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private java.sql.Connection connect() throws SQLException {
    return DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), postgres.password());
  }
}
