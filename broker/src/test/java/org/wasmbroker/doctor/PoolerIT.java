package org.wasmbroker.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.app.Broker;
import org.wasmbroker.doctor.Finding.Level;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.DatabaseConfig;
import org.wasmbroker.pgmq.SqlFailure;
import org.wasmbroker.protocol.tasker.TaskerConfig;
import org.wasmbroker.testing.BrokerConfigs;
import org.wasmbroker.testing.BrokerQueue;
import org.wasmbroker.testing.PgBouncer;
import org.wasmbroker.testing.TaskerDatabase;
import org.wasmbroker.testing.TestDatabase;

/** What the doctor says about a database behind PgBouncer. */
class PoolerIT {
  private static TestDatabase postgres;

  @TempDir private Path directory;

  @BeforeAll
  static void create() {
    postgres = TestDatabase.create();
  }

  @AfterAll
  static void drop() {
    postgres.close();
  }

  @ParameterizedTest
  @CsvSource({
    "transaction, ''",
    "transaction, ?prepareThreshold=0",
    "transaction, ?preferQueryMode=simple",
    "statement, ''"
  })
  void aPoolerThatSharesSessionsIsNamedAndNotTheAddressOrThePassword(String mode, String options) {
    try (var bouncer = PgBouncer.start(postgres.brokerConfig(), directory, "pool_mode = " + mode)) {
      var config = bouncer.config();
      var findings =
          Doctor.check(
              BrokerConfigs.standalone(
                  config.withUrl(config.url() + options, config.user(), config.password())));

      assertNamesThePooler(findings, "database connections", config);
    }
  }

  @Test
  void theQueuesOfATaskerWorkerAreCheckedForAPoolerToo() {
    try (var tasker = TaskerDatabase.create();
        var bouncer =
            PgBouncer.start(tasker.workerConfig(), directory, "pool_mode = transaction")) {
      var standard = TaskerConfig.DEFAULTS;
      var config =
          new TaskerConfig(
              standard.namespaces(),
              standard.queues(),
              standard.templates(),
              standard.defaultTimeout(),
              standard.watchInterval(),
              standard.recovery(),
              bouncer.config(),
              standard.visibility());

      assertNamesThePooler(
          Doctor.check(BrokerConfigs.tasker(tasker.workerConfig(), config)),
          "queue database connections",
          bouncer.config());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"server_round_robin = 0", "server_round_robin = 1"})
  void aPoolerWithManyServerProcessesIsNamed(String order) throws SQLException {
    try (var bouncer =
            PgBouncer.start(postgres.brokerConfig(), directory, "pool_mode = transaction", order);
        var first = transaction(bouncer.config());
        var second = transaction(bouncer.config())) {
      first.rollback();
      second.rollback();

      assertNamesThePooler(
          Doctor.check(BrokerConfigs.standalone(bouncer.config())),
          "database connections",
          bouncer.config());
    }
  }

  /** A connection that has a server process to itself. */
  private static Connection transaction(DatabaseConfig config) throws SQLException {
    var connection =
        DriverManager.getConnection(
            config.url() + "?preferQueryMode=simple",
            config.user(),
            Objects.requireNonNull(config.password()).reveal());
    connection.setAutoCommit(false);
    try (var statement = connection.createStatement()) {
      statement.execute("select 1");
    }
    return connection;
  }

  @Test
  void aPoolerInSessionModeIsUsable() {
    try (var bouncer = PgBouncer.start(postgres.brokerConfig(), directory, "pool_mode = session")) {
      var config = BrokerConfigs.standalone(bouncer.config());

      assertThat(Doctor.check(config))
          .allSatisfy(it -> assertThat(it.level()).as(it.toString()).isEqualTo(Level.OK))
          .extracting(Finding::detail)
          .contains("go through a pooler that keeps a server process for each");
      try (var _ = Broker.start(config)) {
        var queue = new BrokerQueue(postgres);
        queue.sendTransforms(3, ".context.n", Duration.ofSeconds(30));
        queue.awaitResults(3);
      }
    }
  }

  @Test
  void whatAPoolerRefusesForGoodIsNoOutage() {
    try (var bouncer = PgBouncer.start(postgres.brokerConfig(), directory, "pool_mode = session")) {
      var config = bouncer.config();
      // The pool tries again for as long as a connection may take.
      var refused =
          new DatabaseConfig(
              config.url() + "?currentSchema=x",
              config.user(),
              config.password(),
              config.poolSize(),
              Duration.ofSeconds(5),
              config.queryTimeout());

      try (var database = Database.open(refused, "test")) {
        assertThatExceptionOfType(SqlFailure.class)
            .isThrownBy(database::ping)
            .withMessageContaining("unsupported startup parameter")
            .withMessageContaining("08P01")
            .withMessageContaining("ignore_startup_parameters")
            .returns(SqlFailure.Kind.PERMANENT, SqlFailure::kind);
      }
    }
  }

  private static void assertNamesThePooler(
      List<Finding> findings, String subject, DatabaseConfig pooler) {
    assertThat(findings)
        .filteredOn(it -> it.level() == Level.FAILED)
        .singleElement()
        .satisfies(
            it -> {
              assertThat(it.subject()).isEqualTo(subject);
              assertThat(it.detail())
                  .contains("pooler in transaction or statement mode", pooler.url())
                  .contains("prepared statements", "LISTEN");
              assertThat(it.remedy())
                  .contains("session mode")
                  .doesNotContain("password", "address");
            });
  }
}
