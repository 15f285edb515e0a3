package org.wasmbroker.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.wasmbroker.app.BrokerConfig;
import org.wasmbroker.doctor.Finding.Level;
import org.wasmbroker.pgmq.DatabaseConfig;
import org.wasmbroker.protocol.tasker.TaskerConfig;
import org.wasmbroker.testing.BrokerConfigs;
import org.wasmbroker.testing.FakeOrchestrator;
import org.wasmbroker.testing.TaskerDatabase;
import org.wasmbroker.testing.TestDatabase;

class DoctorIT {
  private static final String TEMPLATE =
      """
      {"name":"%s","namespace_name":"catalog","version":"1.0.0",
       "steps":[{"name":"only","handler":{"callable":"%s"}}]}""";

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
  void aReadyDatabaseHasNoProblems() {
    new FakeOrchestrator(tasker).register(TEMPLATE.formatted("good", "transform"));

    var findings = Doctor.check(config(tasker.config()));

    assertThat(findings).allSatisfy(it -> assertThat(it.level()).isEqualTo(Level.OK));
    assertThat(details(findings))
        .contains("wasmtime", "transform@1.0.0 sha256:", "PostgreSQL", "search path tasker, public")
        .contains("time zone UTC", "worker_catalog_queue exists", "catalog/good/1.0.0 can be run")
        .contains("clock is");
  }

  @Test
  void theDoctorChangesNothing() {
    var before = schemasAndQueues();

    Doctor.check(config(tasker.config()));

    assertThat(schemasAndQueues()).isEqualTo(before);
  }

  @Test
  void aCallableWithoutAModuleIsFoundBeforeTasksExist() {
    new FakeOrchestrator(tasker).register(TEMPLATE.formatted("bad", "transfrom"));
    new FakeOrchestrator(tasker).register(TEMPLATE.formatted("native", "Payments::Charge"));

    assertThat(failed(Doctor.check(config(tasker.config()))))
        .hasSize(2)
        .allSatisfy(it -> assertThat(it.remedy()).contains("registry.directory"))
        .extracting(Finding::detail)
        .anySatisfy(it -> assertThat(it).contains("catalog/bad/1.0.0", "did you mean 'transform'?"))
        .anySatisfy(it -> assertThat(it).contains("catalog/native/1.0.0", "Payments::Charge"));
  }

  @Test
  void aNamespaceWithoutTemplatesIsAWarning() {
    var findings = Doctor.check(config(tasker.config()));

    assertThat(failed(findings)).as("queues are created at startup").isEmpty();
    assertThat(findings)
        .filteredOn(it -> it.level() == Level.WARNING)
        .extracting(Finding::detail)
        .containsExactly("the namespace catalog has no templates, so it has no steps");
  }

  @Test
  void aRoleWithoutPrivilegesGetsTheGrantStatements() {
    new FakeOrchestrator(tasker).register(TEMPLATE.formatted("good", "transform"));
    var role = tasker.createRole();

    var failed = failed(Doctor.check(config(tasker.configOf(role))));

    assertThat(failed)
        .extracting(Finding::remedy)
        .contains(
            "as the owner, run: grant usage on schema tasker to \"%s\"".formatted(role),
            "as the owner, run: grant select, update, delete on table pgmq.q_worker_catalog_queue to \"%s\""
                .formatted(role));
    assertThat(failed).extracting(Finding::subject).contains("rights", "recovery");
  }

  @Test
  void aDatabaseWithoutTaskersTablesIsReported() {
    try (var other = TestDatabase.create()) {
      assertThat(failed(Doctor.check(config(other.config()))))
          .extracting(Finding::detail)
          .contains("this database has none of Tasker's tables (schema tasker)");
    }
  }

  @Test
  void anUnreachableDatabaseIsOneFailure() {
    var nowhere =
        new DatabaseConfig(
            "jdbc:postgresql://127.0.0.1:1/none",
            null,
            null,
            2,
            java.time.Duration.ofSeconds(1),
            java.time.Duration.ofSeconds(1));

    assertThat(failed(Doctor.check(config(nowhere))))
        .singleElement()
        .satisfies(it -> assertThat(it.detail()).contains("127.0.0.1:1"));
  }

  @Test
  void aStandaloneBrokerIsCheckedToo() {
    try (var database = TestDatabase.create()) {
      var config = BrokerConfigs.standalone(database.config());
      assertThat(Doctor.check(config)).allSatisfy(it -> assertThat(it.level()).isEqualTo(Level.OK));

      database.execute("drop extension pgmq cascade");
      assertThat(failed(Doctor.check(config)))
          .extracting(Finding::detail)
          .containsExactly("PGMQ is not installed in this database");
    }
  }

  private List<String> schemasAndQueues() {
    return List.of(
        tasker.query("select nspname from pg_namespace order by 1").toString(),
        tasker.query("select queue_name from pgmq.meta order by 1").toString(),
        tasker.query("select count(*) from tasker.task_namespaces").toString());
  }

  private static BrokerConfig config(DatabaseConfig database) {
    return BrokerConfigs.tasker(database, TaskerConfig.DEFAULTS);
  }

  private static String details(List<Finding> findings) {
    return String.join("\n", findings.stream().map(Finding::detail).toList());
  }

  private static List<Finding> failed(List<Finding> findings) {
    return findings.stream().filter(it -> it.level() == Level.FAILED).toList();
  }
}
