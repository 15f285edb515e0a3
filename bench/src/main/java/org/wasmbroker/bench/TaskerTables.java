package org.wasmbroker.bench;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.wasmbroker.brokerschema.BrokerSchema;
import org.wasmbroker.brokerschema.SchemaPart;
import org.wasmbroker.embedded.EmbeddedPostgres;
import org.wasmbroker.embedded.TaskerSchema;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.DatabaseConfig;
import org.wasmbroker.pgmq.Password;
import org.wasmbroker.protocol.tasker.TaskerSession;

/**
 * Tasker's database with tasks of one step each, in the state in which the orchestrator leaves them
 * to a worker. No orchestrator runs, so the messages about results stay in their queue.
 */
public final class TaskerTables {
  public static final String NAMESPACE = "bench";
  static final String HANDLER = "noop";

  /** JSON, which is also YAML. */
  static final String TEMPLATE =
      """
      {"name":"flood","namespace_name":"bench","version":"1.0.0","steps":[{"name":"only",\
      "handler":{"callable":"noop","initialization":{}},"retry":{"retryable":true,"max_attempts":3}}]}
      """;

  private static final String POSTGRES = "postgres";
  private static final String QUEUE = "worker_bench_queue";
  private static final String RESULTS = "orchestration_step_results";

  private static final String REGISTER =
      """
      select pgmq.create('worker_bench_queue'), pgmq.create('orchestration_step_results');
      insert into task_namespaces (name, description, created_at, updated_at)
      values ('bench', 'measurements', now(), now());
      insert into named_tasks (task_namespace_uuid, name, version, configuration, created_at, updated_at)
      select task_namespace_uuid, 'flood', '1.0.0', '%s'::jsonb, now(), now()
      from task_namespaces where name = 'bench';
      insert into named_steps (name, created_at, updated_at) values ('only', now(), now());
      create schema bench;
      create function bench.enqueue(step uuid) returns void language sql as $body$
        update workflow_step_transitions set most_recent = false, updated_at = now()
        where workflow_step_uuid = step and most_recent;
        insert into workflow_step_transitions (workflow_step_uuid, to_state, from_state, metadata,
          sort_key, most_recent, created_at, updated_at)
        values (step, 'enqueued', 'pending', '{}', 2, true, now(), now());
        select pgmq_send_with_notify('worker_bench_queue', jsonb_build_object(
          'task_uuid', t.task_uuid, 'step_uuid', step, 'correlation_id', t.correlation_id), 0)
        from workflow_steps s join tasks t using (task_uuid) where s.workflow_step_uuid = step
      $body$\
      """
          .formatted(TEMPLATE.strip());

  private static final String DEADLOCK = "40P01";

  private static final String EMPTY =
      """
      truncate tasks cascade;
      truncate pgmq.q_worker_bench_queue, pgmq.a_worker_bench_queue;
      truncate pgmq.q_orchestration_step_results, pgmq.a_orchestration_step_results;
      do $$ begin
        if to_regclass('wasm_broker.claim') is not null then truncate wasm_broker.claim; end if;
      end $$\
      """;

  private static final String TASKS =
      """
      insert into tasks (task_uuid, named_task_uuid, requested_at, initiator, source_system, reason,
        tags, context, identity_hash, created_at, updated_at, correlation_id)
      select task, named_task_uuid, now(), 'bench', 'bench', 'bench', '[]',
        '{"lines":[{"sku":"P-1","price":250,"quantity":2},{"sku":"P-2","price":1200,"quantity":1},
          {"sku":"P-3","price":40,"quantity":12}]}', task::text, now(), now(), uuidv7()
      from (select uuidv7() as task from generate_series(1, %d)) new, named_tasks
      where name = 'flood';
      insert into workflow_steps (task_uuid, named_step_uuid, retryable, max_attempts, created_at, updated_at)
      select task_uuid, named_step_uuid, true, 3, now(), now()
      from tasks, named_steps where name = 'only';
      insert into workflow_step_transitions
        (workflow_step_uuid, to_state, metadata, sort_key, most_recent, created_at, updated_at)
      select workflow_step_uuid, 'pending', '{}', 1, %b, now(), now() from workflow_steps\
      """;

  private static final String READY =
      """
      insert into workflow_step_transitions (workflow_step_uuid, to_state, from_state, metadata,
        sort_key, most_recent, created_at, updated_at)
      select workflow_step_uuid, 'enqueued', 'pending', '{}', 2, true, now(), now()
      from workflow_steps\
      """;

  private static final String MESSAGES =
      """
      from (
        select jsonb_build_object('task_uuid', task_uuid, 'step_uuid', workflow_step_uuid,
          'correlation_id', correlation_id) as message
        from workflow_steps join tasks using (task_uuid) order by workflow_step_uuid) notification\
      """;

  private final EmbeddedPostgres postgres;
  private final String name;
  private final Path compiled;

  /** Times from a step being ready to its claim, and from the claim to its result. */
  record Latencies(
      int steps,
      Duration claimMedian,
      Duration claimP99,
      Duration completionMedian,
      Duration completionP99) {}

  /**
   * @param migrations the directory of Tasker's migrations
   * @param compiled a directory for compiled modules
   */
  TaskerTables(EmbeddedPostgres postgres, Path migrations, Path compiled) throws SQLException {
    this(postgres, POSTGRES, migrations, compiled);
    try (var database = Database.open(database(), "bench", TaskerSession.SQL)) {
      new BrokerSchema(database, SchemaPart.RECOVERY).migrate();
    }
  }

  private TaskerTables(EmbeddedPostgres postgres, String name, Path migrations, Path compiled)
      throws SQLException {
    this.postgres = postgres;
    this.name = name;
    this.compiled = compiled;
    TaskerSchema.apply(migrations, jdbcUrl(), postgres.user(), postgres.password());
    execute(REGISTER);
  }

  /**
   * Tables in a new database of that name, without the broker's own, which a broker makes when it
   * starts.
   */
  public static TaskerTables createDatabase(
      EmbeddedPostgres postgres, String name, Path migrations, Path compiled) throws SQLException {
    for (var sql : List.of("create database " + name, "create extension pgmq")) {
      var url = sql.startsWith("create database") ? postgres.jdbcUrl() : postgres.jdbcUrl(name);
      try (var connection = DriverManager.getConnection(url, postgres.user(), postgres.password());
          var statement = connection.createStatement()) {
        statement.execute(sql);
      }
    }
    return new TaskerTables(postgres, name, migrations, compiled);
  }

  /** The address of the database. */
  public String jdbcUrl() {
    return postgres.jdbcUrl(name);
  }

  /** The name of the database. */
  String name() {
    return name;
  }

  EmbeddedPostgres server() {
    return postgres;
  }

  Path compiled() {
    return compiled;
  }

  DatabaseConfig database() {
    return DatabaseConfig.DEFAULTS.withUrl(
        jdbcUrl(), postgres.user(), Password.of(postgres.password()));
  }

  /** Creates steps that are ready but have no messages yet. */
  public void fill(int steps) throws SQLException {
    executeUnlessDeadlock(EMPTY + ";" + TASKS.formatted(steps, false) + ";" + READY);
    vacuumAndCheckpoint();
  }

  /** Sends a message for each step, without notifications. */
  void send() throws SQLException {
    execute(
        "select count(*) from pgmq.send_batch('%s', (select array_agg(message) %s))"
            .formatted(QUEUE, MESSAGES));
    vacuumAndCheckpoint();
  }

  /**
   * Sends a message for each step, without notifications, to a broker that may be running.
   *
   * @param beforeCommit runs when the server has everything, before a broker can see any of it
   */
  public void send(Runnable beforeCommit) throws SQLException {
    try (var connection = connect();
        var statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute(
          "select count(*) from pgmq.send_batch('%s', (select array_agg(message) %s))"
              .formatted(QUEUE, MESSAGES));
      beforeCommit.run();
      connection.commit();
    }
  }

  /**
   * Sends a message for each step with its notifications, one transaction each, as the orchestrator
   * does.
   */
  void sendWithNotifications() throws SQLException {
    execute(
        """
        do $$
        declare notification jsonb;
        begin
          for notification in select message %s loop
            perform pgmq_send_with_notify('%s', notification, 0);
            commit;
          end loop;
        end $$\
        """
            .formatted(MESSAGES, QUEUE));
  }

  /** Creates steps that are not ready yet, and returns them in the order of creation. */
  List<UUID> pending(int steps) throws SQLException {
    executeUnlessDeadlock(EMPTY + ";" + TASKS.formatted(steps, true));
    vacuumAndCheckpoint();
    try (var connection = connect();
        var statement = connection.createStatement();
        var rows =
            statement.executeQuery(
                "select workflow_step_uuid from workflow_steps order by workflow_step_uuid")) {
      var pending = new ArrayList<UUID>();
      while (rows.next()) {
        pending.add(rows.getObject(1, UUID.class));
      }
      return pending;
    }
  }

  /** Brings the tables into the state of a server that has had them for a while. */
  private void vacuumAndCheckpoint() throws SQLException {
    execute("vacuum analyze");
    execute("checkpoint");
  }

  /** Makes one step ready, as the orchestrator does. */
  static void enqueue(Connection connection, UUID step) throws SQLException {
    try (var statement = connection.prepareStatement("select bench.enqueue(?)")) {
      statement.setObject(1, step);
      statement.execute();
    }
  }

  /** How many results were reported to the orchestrator. */
  public int results() throws SQLException {
    return (int) number("select count(*) from pgmq.q_" + RESULTS);
  }

  /** How many results were ever reported, without reading them. */
  public long resultsEver() throws SQLException {
    return number(
        "select case when is_called then last_value else 0 end from pgmq.q_%s_msg_id_seq"
            .formatted(RESULTS));
  }

  /** From the first claim to the last result, by the transitions' timestamps. */
  public Duration elapsed() throws SQLException {
    return Duration.ofNanos(
        number(
            """
            select (extract(epoch from max(created_at) filter (where to_state like 'enqueued_%')
              - min(created_at) filter (where to_state = 'in_progress')) * 1e9)::bigint
            from workflow_step_transitions\
            """));
  }

  /**
   * By the transitions' timestamps, of the steps that were created last.
   *
   * @param steps the number of steps
   */
  Latencies latencies(int steps) throws SQLException {
    var sql =
        """
        with times as (
          select extract(epoch from claimed.created_at - ready.created_at) * 1e9 as claim,
            extract(epoch from ended.created_at - claimed.created_at) * 1e9 as completion
          from workflow_step_transitions ready
          join workflow_step_transitions claimed using (workflow_step_uuid)
          join workflow_step_transitions ended using (workflow_step_uuid)
          where ready.to_state = 'enqueued' and claimed.to_state = 'in_progress'
            and ended.to_state = 'enqueued_for_orchestration'
          order by workflow_step_uuid desc
          limit %d)
        select count(*),
          percentile_disc(0.5) within group (order by claim),
          percentile_disc(0.99) within group (order by claim),
          percentile_disc(0.5) within group (order by completion),
          percentile_disc(0.99) within group (order by completion)
        from times\
        """
            .formatted(steps);
    try (var connection = connect();
        var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      rows.next();
      return new Latencies(
          rows.getInt(1),
          Duration.ofNanos(rows.getLong(2)),
          Duration.ofNanos(rows.getLong(3)),
          Duration.ofNanos(rows.getLong(4)),
          Duration.ofNanos(rows.getLong(5)));
    }
  }

  /**
   * The number of transactions so far. A connection's transactions are counted when it ends, so
   * this waits until all other connections have ended.
   */
  long transactions() throws SQLException {
    while (number("select count(*) from pg_stat_activity where backend_type = 'client backend'")
        > 1) {
      Thread.onSpinWait();
    }
    return number("select xact_commit from pg_stat_database where datname = current_database()");
  }

  private long number(String sql) throws SQLException {
    try (var connection = connect();
        var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getLong(1);
    }
  }

  /** A broker that reads the tables meanwhile locks them in an order of its own. */
  private void executeUnlessDeadlock(String sql) throws SQLException {
    for (int attempt = 1; ; attempt++) {
      try {
        execute(sql);
        return;
      } catch (SQLException failure) {
        if (!DEADLOCK.equals(failure.getSQLState()) || attempt == 10) {
          throw failure;
        }
      }
    }
  }

  private void execute(String sql) throws SQLException {
    try (var connection = connect();
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** A connection with the session settings that Tasker's functions and triggers need. */
  Connection connect() throws SQLException {
    var connection = DriverManager.getConnection(jdbcUrl(), postgres.user(), postgres.password());
    try (var statement = connection.createStatement()) {
      statement.execute(TaskerSession.SQL);
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }
}
