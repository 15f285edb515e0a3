package org.wasmbroker.protocol.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.wasmbroker.app.Broker;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.Pgmq;
import org.wasmbroker.testing.BrokerConfigs;
import org.wasmbroker.testing.BrokerQueue;
import org.wasmbroker.testing.RoleScripts;
import org.wasmbroker.testing.TestDatabase;

/** Every file of deploy/sql is run on a real Postgres, and does what it says. */
class DeploySqlIT {
  private static final Path DIRECTORY = Path.of("..", "deploy", "sql");

  private static TestDatabase postgres;

  @BeforeAll
  static void create() {
    postgres = TestDatabase.create();
    postgres.brokerConfig(); // runs broker-role.sql
  }

  @AfterAll
  static void drop() {
    postgres.close();
  }

  @Test
  void theseAreAllTheFiles() throws IOException {
    try (var files = Files.list(DIRECTORY)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "broker-role.sql", // with which all tests of the protocol run
              "operator-role.sql", // DlqCommandIT
              "client-role.sql",
              "autovacuum.sql",
              "archive-retention.sql",
              "archive-retention-cron.sql",
              "partitioned-archive.sql");
    }
  }

  @Test
  void theDocumentShowsTheSameStatementsForTheBrokersRole() {
    assertThat(RoleScripts.standaloneAsDocumented()).isEqualTo(RoleScripts.file("broker-role.sql"));
  }

  @Test
  void aClientSendsStepsAndReadsResultsAndCanDoNothingElse() {
    var role = postgres.createRole();
    RoleScripts.client(role).forEach(postgres::execute);
    postgres.execute("select pgmq.send('catalog_results', '{}')");
    try (var client = Database.open(postgres.configOf(role), "test")) {
      var pgmq = new Pgmq(client);
      var results = StandaloneConfig.DEFAULTS.results();

      pgmq.sendBatch(StandaloneConfig.DEFAULTS.queue(), List.of("{}"), List.of());
      var read = pgmq.read(results, Duration.ofMinutes(1), 10);
      assertThat(read).isNotEmpty();
      pgmq.archive(results, read.stream().map(message -> message.id()).toList());
      assertThat(pgmq.read(results, Duration.ofMinutes(1), 10)).isEmpty();
      assertThatThrownBy(
              () -> pgmq.read(StandaloneConfig.DEFAULTS.queue(), Duration.ofMinutes(1), 1))
          .hasMessageContaining("permission denied");
    }
    postgres.execute("truncate pgmq.q_catalog_queue");
  }

  @Test
  void autovacuumIsSetForTheTablesThatChangeMost() throws IOException {
    postgres.execute("select pgmq.create('tuned_queue'), pgmq.create('tuned_results')");
    postgres.execute(
        Files.readString(DIRECTORY.resolve("autovacuum.sql")).replace("catalog_", "tuned_"));

    assertThat(
            postgres.query(
                """
                select relname from pg_class
                where 'autovacuum_vacuum_scale_factor=0' = any(reloptions) and relkind = 'r' order by 1
                """))
        .containsExactly("a_tuned_queue", "q_tuned_queue", "q_tuned_results");
  }

  @Test
  void archivesArePurgedByThePostgresOfTheirOwn() throws IOException {
    postgres.execute("select pgmq.create('kept')");
    postgres.execute(
        """
        insert into pgmq.a_kept (msg_id, vt, archived_at)
        select n, now(), now() - n * interval '1 day' from generate_series(1, 40) n
        """);
    postgres.execute(Files.readString(DIRECTORY.resolve("archive-retention.sql")));

    postgres.execute("call wasm_broker_upkeep.purge_archive('kept', interval '30 days 1 hour', 3)");

    assertThat(postgres.query("select count(*) from pgmq.a_kept")).containsExactly("30");
    assertThatThrownBy(
            () -> postgres.execute("call wasm_broker_upkeep.purge_archive('kept', '59 minutes')"))
        .hasStackTraceContaining("older_than must be at least 1 hour");
  }

  /** No pg_cron can be had here, so a function that takes the same arguments keeps them. */
  @Test
  void whatIsScheduledCanBeCalled() throws IOException {
    postgres.execute(Files.readString(DIRECTORY.resolve("archive-retention.sql")));
    postgres.execute(
        """
        create schema cron;
        create table cron.job (jobid bigint generated always as identity, jobname text, schedule text, command text);
        create function cron.schedule(job_name text, schedule text, command text) returns bigint language sql as
          'insert into cron.job (jobname, schedule, command) values ($1, $2, $3) returning jobid';
        """);

    postgres.execute(Files.readString(DIRECTORY.resolve("archive-retention-cron.sql")));

    var commands = postgres.query("select command from cron.job");
    assertThat(commands).hasSize(2);
    commands.forEach(command -> postgres.execute(Objects.requireNonNull(command)));
  }

  @Test
  void aBrokerWorksOnWhileItsArchiveBecomesPartitioned() throws IOException {
    postgres.execute(Files.readString(DIRECTORY.resolve("partitioned-archive.sql")));
    postgres.execute(
        "insert into pgmq.a_catalog_queue (msg_id, vt, archived_at) values (-1, now(), now() -"
            + " interval '90 days')");
    var queue = new BrokerQueue(postgres);
    int before = queue.results();
    try (var _ = Broker.start(BrokerConfigs.standalone(postgres.brokerConfig()))) {
      queue.sendTransforms(3, ".context.n", Duration.ofSeconds(30));
      queue.awaitResults(before + 3);

      postgres.execute("call wasm_broker_upkeep.partition_archive('catalog_queue', 'day')");
      queue.sendTransforms(3, ".context.n", Duration.ofSeconds(30));
      queue.awaitResults(before + 6);
    }

    assertThat(partitions("catalog_queue")).hasSize(2 + 13);
    assertThat(postgres.query("select count(*) from pgmq.a_catalog_queue")).containsExactly("7");
    assertThat(postgres.query("select count(*) from pgmq.a_catalog_queue_other"))
        .containsExactly("0");
  }

  @Test
  void oldPartitionsAreDroppedAndNewOnesAreMade() throws IOException {
    postgres.execute(Files.readString(DIRECTORY.resolve("partitioned-archive.sql")));
    postgres.execute("select pgmq.create('parts')");
    postgres.execute("call wasm_broker_upkeep.partition_archive('parts', 'week')");
    int made = partitions("parts").size();

    postgres.execute("call wasm_broker_upkeep.maintain_archive('parts', 'week', ahead => 20)");
    assertThat(partitions("parts").size()).isEqualTo(made + 6);
    // Months later: the partition of the past is old as a whole.
    postgres.execute(
        """
        alter table pgmq.a_parts detach partition pgmq.a_parts_before;
        alter table pgmq.a_parts attach partition pgmq.a_parts_before for values from (minvalue) to ('2020-01-01');
        insert into pgmq.a_parts (msg_id, vt, archived_at) values (1, now(), now()), (2, now(), '2019-01-01')
        """);
    postgres.execute(
        "call wasm_broker_upkeep.maintain_archive('parts', 'week', 20, interval '30 days')");

    assertThat(partitions("parts")).hasSize(made + 5).doesNotContain("a_parts_before");
    assertThat(postgres.query("select msg_id from pgmq.a_parts")).containsExactly("1");
    assertThatThrownBy(
            () -> postgres.execute("call wasm_broker_upkeep.partition_archive('parts', 'week')"))
        .hasStackTraceContaining("is partitioned already");
    assertThatThrownBy(
            () -> postgres.execute("call wasm_broker_upkeep.partition_archive('kept', 'hour')"))
        .hasStackTraceContaining("period must be day, week or month");
    postgres.execute("select pgmq.drop_queue('parts')");
    assertThat(partitions("parts")).isEmpty();
  }

  /** PGMQ's own partitioned queues need an extension; ours need none. */
  @Test
  void partitionedQueuesOfPgmqNeedPgPartman() {
    assertThatThrownBy(() -> postgres.execute("select pgmq.create_partitioned('by_pgmq')"))
        .hasStackTraceContaining("pg_partman is required");
  }

  private static List<String> partitions(String queue) {
    return postgres
        .query(
            "select inhrelid::regclass::text from pg_inherits where inhparent = to_regclass('pgmq.a_%s')"
                .formatted(queue))
        .stream()
        .map(name -> Objects.requireNonNull(name).replace("pgmq.", ""))
        .toList();
  }
}
