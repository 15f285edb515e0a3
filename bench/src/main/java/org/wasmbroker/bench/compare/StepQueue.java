package org.wasmbroker.bench.compare;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import org.wasmbroker.embedded.EmbeddedPostgres;

/**
 * A queue of steps, its results and its dead letters, by plain SQL. Sending and waiting cost the
 * server nothing worth mentioning: a batch is one statement, and the number of results is that of
 * their sequence.
 */
final class StepQueue implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final String COLUMNS =
      """
      read_ct int default 0 not null, enqueued_at timestamptz default now() not null, last_read_at timestamptz,
      vt timestamptz not null, message jsonb, headers jsonb\
      """;
  private static final long POLL_NANOS = 2_000_000;

  private final EmbeddedPostgres postgres;
  private final String name;
  private final Connection connection;
  private long resultsBefore;

  /** Creates the queue if it does not exist, and empties it. */
  StepQueue(EmbeddedPostgres postgres, String name) throws SQLException {
    this.postgres = postgres;
    this.name = name;
    this.connection =
        DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), postgres.password());
    empty();
  }

  /** One step's message. */
  record Message(String step, String json) {}

  /**
   * @param config a JSON object
   * @param input any JSON
   */
  static Message message(String handler, String config, String input) {
    var step = UUID.randomUUID().toString();
    return new Message(
        step,
        """
        {"step_uuid":"%s","handler":"%s","config":%s,"input":%s}\
        """
            .formatted(step, handler, config, input));
  }

  /** The settings of a broker that serves it. */
  Map<String, String> settings() {
    var settings = new TreeMap<String, String>();
    settings.put("database.url", postgres.jdbcUrl());
    settings.put("database.user", postgres.user());
    settings.put("database.password", postgres.password());
    settings.put("queue.name", name);
    settings.put("queue.results", results());
    return settings;
  }

  private String results() {
    return name + "_results";
  }

  EmbeddedPostgres server() {
    return postgres;
  }

  /** Empties all of its queues and their archives. No broker may run. */
  void empty() throws SQLException {
    for (var queue : List.of(name, results(), name + "_dlq")) {
      execute("select pgmq.create('%s')".formatted(queue));
      execute("truncate pgmq.q_%s, pgmq.a_%s".formatted(queue, queue));
    }
    execute("vacuum analyze pgmq.q_" + name);
    execute("checkpoint");
    resultsBefore = lastResult();
  }

  /**
   * Sends all messages in one transaction.
   *
   * @param beforeCommit runs when the server has everything, before a broker can see any of it
   */
  void send(List<Message> messages, Runnable beforeCommit) throws SQLException {
    connection.setAutoCommit(false);
    try (var statement =
        connection.prepareStatement("select pgmq.send_batch('%s', ?::jsonb[])".formatted(name))) {
      statement.setArray(
          1, connection.createArrayOf("text", messages.stream().map(Message::json).toArray()));
      statement.execute();
      beforeCommit.run();
      connection.commit();
    } finally {
      connection.setAutoCommit(true);
    }
  }

  /** How many results were written since the queue was emptied. */
  long resultCount() throws SQLException {
    return lastResult() - resultsBefore;
  }

  private long lastResult() throws SQLException {
    return number(
        "select case when is_called then last_value else 0 end from pgmq.q_%s_msg_id_seq"
            .formatted(results()));
  }

  /** Waits until that many results were written since the queue was emptied. */
  void await(long count, BrokerProcess broker) throws SQLException {
    long start = System.nanoTime();
    while (resultCount() < count) {
      broker.check();
      if (System.nanoTime() - start > LIMIT.toNanos()) {
        throw new IllegalStateException(
            "%,d of %,d results within %s".formatted(resultCount(), count, LIMIT));
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
  }

  /** Throws unless there is exactly one result for each of so many steps, all of them completed. */
  void check(long steps) throws SQLException {
    long distinct =
        number(
            "select count(distinct message->>'step_uuid') from pgmq.q_%s where message->>'success' = 'true'"
                .formatted(results()));
    long all = number("select count(*) from pgmq.q_" + results());
    if (distinct != steps || all != steps) {
      throw new IllegalStateException(
          "%,d steps have %,d results, %,d of them of different steps that completed: %s"
              .formatted(steps, all, distinct, failure()));
    }
  }

  private String failure() throws SQLException {
    return text(
        "select coalesce((select message->>'error' from pgmq.q_%s where message->>'success' <> 'true' limit 1), 'none failed')"
            .formatted(results()));
  }

  /** The average number of results that were written in one transaction. */
  int averageBatch() throws SQLException {
    return (int)
        number(
            "select count(*) / greatest(1, count(distinct xmin::text)) from pgmq.q_" + results());
  }

  /** One of the results. */
  String result() throws SQLException {
    return text("select message from pgmq.q_%s limit 1".formatted(results()));
  }

  /**
   * The median of instantiation and execution by the receipts, in microseconds, by step.
   *
   * @param group what each step belongs to
   */
  Map<String, Double> medianTimes(Map<String, String> group) throws SQLException {
    var times = new HashMap<String, java.util.ArrayList<Double>>();
    try (var statement = connection.createStatement();
        var rows =
            statement.executeQuery(
                """
                select message->>'step_uuid', (receipt->>'instantiation_ns')::bigint + (receipt->>'execution_ns')::bigint
                from (select message, message->'metadata'->'custom'->'receipt' as receipt from pgmq.q_%s) results\
                """
                    .formatted(results()))) {
      while (rows.next()) {
        var name = group.get(rows.getString(1));
        if (name != null) {
          times.computeIfAbsent(name, _ -> new java.util.ArrayList<>()).add(rows.getLong(2) / 1e3);
        }
      }
    }
    var medians = new TreeMap<String, Double>();
    times.forEach((name, values) -> medians.put(name, Medians.of(values)));
    return medians;
  }

  /**
   * Makes the tables of the queue and of its archive partitioned ones, with the columns and indexes
   * that {@code pgmq.create_partitioned} gives them, but without pg_partman, which would make
   * further partitions in time.
   *
   * @param messages how many are sent at most
   */
  void partition(int partitions, long messages) throws SQLException {
    var queue = "pgmq.q_" + name;
    var archive = "pgmq.a_" + name;
    execute("drop table %s, %s".formatted(queue, archive));
    execute(
        "create table %s (msg_id bigint generated always as identity, %s) partition by range (msg_id)"
            .formatted(queue, COLUMNS));
    execute(
        "create table %s (msg_id bigint not null, archived_at timestamptz default now() not null, %s) partition by range (msg_id)"
            .formatted(archive, COLUMNS));
    execute("create index on %s (msg_id)".formatted(queue));
    execute("create index on %s (archived_at)".formatted(archive));
    execute("update pgmq.meta set is_partitioned = true where queue_name = '%s'".formatted(name));
    long size = messages / partitions + 1;
    for (int i = 0; i <= partitions; i++) {
      for (var table : List.of(queue, archive)) {
        execute(
            "create table %1$s_p%2$d partition of %1$s for values from (%3$d) to (%4$d)"
                .formatted(table, i, i * size, (i + 1) * size));
      }
    }
  }

  /** Removes the results, and the steps in the archive that they belong to. */
  void forgetResults() throws SQLException {
    execute("delete from pgmq.q_" + results());
    execute("delete from pgmq.a_" + name);
  }

  /**
   * A percentile of the times from sending a handler's steps to their results, in milliseconds.
   * Waits for the results, and counts a step that has none when the time is up as one that took all
   * of it.
   *
   * @param count how many steps were sent
   */
  double latency(String handler, double percentile, int count, Duration limit, BrokerProcess broker)
      throws SQLException {
    var results =
        "from pgmq.q_%s r join pgmq.a_%s a on a.message->>'step_uuid' = r.message->>'step_uuid' where a.message->>'handler' = '%s'"
            .formatted(results(), name, handler);
    long start = System.nanoTime();
    while (number("select count(*) " + results) < count
        && System.nanoTime() - start < limit.toNanos()) {
      broker.check();
      LockSupport.parkNanos(50 * POLL_NANOS);
    }
    int rank = (int) Math.ceil(percentile * count);
    return Double.parseDouble(
        text(
            "select coalesce((select extract(epoch from r.enqueued_at - a.enqueued_at) * 1000 %s order by 1 offset %d limit 1), %d)"
                .formatted(results, rank - 1, limit.toMillis())));
  }

  void execute(String sql) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  long number(String sql) throws SQLException {
    return Long.parseLong(text(sql));
  }

  private String text(String sql) throws SQLException {
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getString(1);
    }
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException ignored) {
      // nothing is lost
    }
  }
}
