package org.wasmbroker.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.wasmbroker.app.Broker;
import org.wasmbroker.brokerschema.BrokerSchema;
import org.wasmbroker.brokerschema.SchemaPart;
import org.wasmbroker.doctor.Finding.Level;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.DatabaseConfig;
import org.wasmbroker.pgmq.QueueListener;
import org.wasmbroker.protocol.ProtocolException;
import org.wasmbroker.protocol.standalone.StandaloneConfig;
import org.wasmbroker.rollout.RolloutConfig;
import org.wasmbroker.testing.BrokerConfigs;
import org.wasmbroker.testing.BrokerQueue;
import org.wasmbroker.testing.CapturedLog;
import org.wasmbroker.testing.RoleScripts;
import org.wasmbroker.testing.TestDatabase;

/**
 * A role with exactly the privileges of docs/protocol-standalone.md is sufficient, all of them are
 * needed, and a broker that lacks one says which.
 */
class StandaloneRoleIT {
  private TestDatabase postgres;

  @BeforeEach
  void create() {
    postgres = TestDatabase.create();
  }

  @AfterEach
  void drop() {
    postgres.close();
  }

  @Test
  void theDoctorFindsNoProblemAndStepsRun() {
    var config = postgres.brokerConfig();

    assertThat(doctor(config))
        .allSatisfy(it -> assertThat(it.level()).as(it.toString()).isEqualTo(Level.OK));
    assertThat(stepsRun(config)).isEqualTo(3);
  }

  @Test
  void aRoleThatMayCreateQueuesNeedsNoOtherGrants() {
    var role = postgres.createRole();
    RoleScripts.standaloneCreatingQueues(role).forEach(postgres::execute);
    var config = postgres.configOf(role);

    assertThat(doctor(config))
        .allSatisfy(it -> assertThat(it.level()).as(it.toString()).isEqualTo(Level.OK));
    try (var _ = Broker.start(BrokerConfigs.standalone(config))) {
      assertThat(
              postgres.query(
                  "select tableowner from pg_tables where tablename = 'q_catalog_queue'"))
          .containsExactly(role);
    }
    assertThat(stepsRun(config)).isEqualTo(3);
  }

  @Test
  void theTablesOfSharedRollbacksAreCheckedIfThereIsARolloutFile() {
    var config = postgres.brokerConfig();
    var rollout =
        new RolloutConfig(
            Path.of("rollout.yaml"), Duration.ofSeconds(2), RolloutConfig.NONE.initial());
    var broker = BrokerConfigs.with(BrokerConfigs.standalone(config), rollout);

    assertThat(Doctor.check(broker))
        .filteredOn(it -> it.subject().equals("rollout"))
        .singleElement()
        .satisfies(
            it -> {
              assertThat(it.level()).isEqualTo(Level.WARNING);
              assertThat(it.detail()).contains("each broker rolls back by itself");
              assertThat(it.remedy()).contains("create table wasm_broker.rollback");
            });
    try (var owner = Database.open(postgres.config(), "test")) {
      new BrokerSchema(owner, SchemaPart.ROLLOUT).migrate();
    }
    assertThat(Doctor.check(broker)).anyMatch(it -> it.detail().contains("lacks privileges"));
    assertThat(Doctor.check(BrokerConfigs.standalone(config)))
        .noneMatch(it -> it.subject().equals("rollout"));
  }

  @Test
  void everyGrantIsReportedAtStartupWhenMissing() {
    var config = postgres.brokerConfig();
    var role = String.valueOf(config.user());
    var queues = StandaloneConfig.DEFAULTS;
    for (var statement : RoleScripts.standalone(role, queues.queue(), queues.results())) {
      if (statement.startsWith("grant")) {
        postgres.execute(RoleScripts.revoking(statement));
        assertThatThrownBy(() -> Broker.start(BrokerConfigs.standalone(config)).close())
            .as("without " + statement)
            .isInstanceOfSatisfying(
                ProtocolException.class, it -> assertThat(it.isTransient()).isFalse())
            .hasMessageContaining("the role " + role + " lacks ")
            .hasMessageContaining("as the owner, run: grant ")
            .satisfies(failure -> runRemediesOf(String.valueOf(failure.getMessage())));
        assertThat(failed(doctor(config))).as("with the remedies for " + statement).isEmpty();
      }
    }
  }

  @Test
  void aMissingQueueIsReportedAtStartupWithTheStatementThatCreatesIt() {
    var config = postgres.brokerConfig();
    postgres.execute("select pgmq.drop_queue('catalog_results')");

    assertThatThrownBy(() -> Broker.start(BrokerConfigs.standalone(config)).close())
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining("the queue catalog_results is missing")
        .hasMessageContaining("select pgmq.create('catalog_results')");
  }

  @Test
  void withoutTheNotificationTriggerABrokerPollsAndNamesTheStatementThatCreatesIt() {
    var config = postgres.brokerConfig();
    postgres.execute("select pgmq.disable_notify_insert('catalog_queue')");
    var statement = "select pgmq.enable_notify_insert('catalog_queue', 50)";

    assertThat(doctor(config))
        .filteredOn(it -> it.level() != Level.OK)
        .singleElement()
        .satisfies(it -> assertThat(it.level()).isEqualTo(Level.WARNING))
        .satisfies(it -> assertThat(it.remedy()).contains(statement));
    try (var log = CapturedLog.of(QueueListener.class, ch.qos.logback.classic.Level.WARN)) {
      assertThat(stepsRun(config)).isEqualTo(3);
      assertThat(log.events())
          .singleElement()
          .satisfies(it -> assertThat(it.getFormattedMessage()).contains(statement));
    }
  }

  private int stepsRun(DatabaseConfig config) {
    try (var _ = Broker.start(BrokerConfigs.standalone(config))) {
      var queue = new BrokerQueue(postgres);
      queue.sendTransforms(3, ".context.n", Duration.ofSeconds(30));
      queue.awaitResults(3);
      return queue.results("completed");
    }
  }

  private void runRemediesOf(String message) {
    message
        .lines()
        .filter(line -> line.contains("as the owner, run: "))
        .map(line -> line.substring(line.indexOf("run: ") + "run: ".length()))
        .forEach(postgres::execute);
  }

  private static List<Finding> doctor(DatabaseConfig config) {
    return Doctor.check(BrokerConfigs.standalone(config));
  }

  private static List<Finding> failed(List<Finding> findings) {
    return findings.stream().filter(it -> it.level() == Level.FAILED).toList();
  }
}
