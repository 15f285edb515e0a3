package org.wasmbroker.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.wasmbroker.app.Broker;
import org.wasmbroker.app.BrokerConfig;
import org.wasmbroker.doctor.Finding.Level;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.protocol.tasker.TaskerConfig;
import org.wasmbroker.protocol.tasker.check.TaskerPrivilegeCheck;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.ReportEvent;
import org.wasmbroker.testing.BrokerConfigs;
import org.wasmbroker.testing.FakeOrchestrator;
import org.wasmbroker.testing.RoleScripts;
import org.wasmbroker.testing.TaskerDatabase;
import org.wasmbroker.testing.TaskerRows;

/**
 * A role with exactly the privileges of docs/tasker.md is sufficient, and all of them are needed.
 */
class TaskerRoleIT {
  private static final Path DOCS = Path.of("..", "docs");
  private static final String TEMPLATE =
      """
      {"name":"plus","namespace_name":"catalog","version":"1.0.0","steps":[
        {"name":"only","handler":{"callable":"transform","initialization":{"filter":".context.n + 1"}},
         "publishes_events":[{"name":"plus.done","description":"x","schema":{"type":"integer"}}]}]}""";

  private TaskerDatabase tasker;

  @BeforeEach
  void create() {
    tasker = TaskerDatabase.create();
  }

  @AfterEach
  void drop() {
    tasker.close();
  }

  @Test
  void theDoctorFindsNoProblemBeforeOrAfterTheFirstStart() {
    assertThat(Doctor.check(config()))
        .allSatisfy(it -> assertThat(it.level()).as(it.toString()).isNotEqualTo(Level.FAILED));

    try (var _ = Broker.start(config())) {
      assertThat(Doctor.check(config()))
          .allSatisfy(it -> assertThat(it.level()).as(it.toString()).isEqualTo(Level.OK));
    }
  }

  @Test
  void aStepIsClaimedRunAndReportedWithItsEvent() throws InterruptedException {
    var written = new CountDownLatch(1);
    EventSink events =
        event -> {
          if (event instanceof ReportEvent.Written) {
            written.countDown();
          }
        };
    try (var _ = Broker.start(config(), events)) {
      var step = new FakeOrchestrator(tasker).submit(TEMPLATE, "{\"n\":1}").step();
      assertThat(written.await(1, TimeUnit.MINUTES)).isTrue();

      var rows = new TaskerRows(tasker);
      assertThat(rows.state(step)).isEqualTo("enqueued_for_orchestration");
      assertThat(rows.results(step).path("result").asInt()).isEqualTo(2);
      assertThat(rows.queued("orchestration_step_results")).hasSize(1);
      assertThat(rows.queued("catalog_domain_events")).hasSize(1);
    }
    assertThat(tasker.query("select name from tasker.named_tasks where name = 'shipping_quote'"))
        .as("templates were registered")
        .hasSize(1);
  }

  @Test
  void everyGrantIsReportedWhenMissing() {
    var config = config();
    try (var database = Database.open(config.database(), "test")) {
      var rights = new TaskerPrivilegeCheck(database, database, config.tasker());
      assertThat(rights.problems()).isEmpty();
      var role = String.valueOf(config.database().user());
      for (var statement : RoleScripts.tasker(role)) {
        if (statement.startsWith("grant")) {
          tasker.execute(RoleScripts.revoking(statement));
          assertThat(rights.problems()).as("without " + statement).isNotEmpty();
          tasker.execute(statement);
        }
      }
    }
  }

  private BrokerConfig config() {
    var standard = TaskerConfig.DEFAULTS;
    return BrokerConfigs.tasker(
        tasker.workerConfig(),
        new TaskerConfig(
            standard.namespaces(),
            standard.queues(),
            DOCS.resolve("examples").resolve("tasker"),
            standard.defaultTimeout(),
            standard.watchInterval(),
            standard.recovery(),
            standard.queueDatabase(),
            standard.visibility()));
  }
}
