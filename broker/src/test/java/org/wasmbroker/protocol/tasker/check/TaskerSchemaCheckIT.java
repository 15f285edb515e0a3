package org.wasmbroker.protocol.tasker.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.QueueName;
import org.wasmbroker.protocol.ProtocolException;
import org.wasmbroker.protocol.SetupProblem;
import org.wasmbroker.protocol.tasker.TaskerSession;
import org.wasmbroker.testing.TaskerDatabase;
import org.wasmbroker.testing.TestDatabase;

class TaskerSchemaCheckIT {
  private TaskerDatabase tasker;
  private Database database;
  private TaskerSchemaCheck check;

  @BeforeEach
  void create() {
    tasker = TaskerDatabase.create();
    database = Database.open(tasker.config(), "test", TaskerSession.SQL);
    check = new TaskerSchemaCheck(database, database);
  }

  @AfterEach
  void drop() {
    database.close();
    tasker.close();
  }

  @Test
  void taskersOwnSchemaPasses() {
    assertThat(check.problems()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "drop table tasker.workflow_step_edges cascade, the table tasker.workflow_step_edges is missing",
    "alter table tasker.workflow_steps drop column checkpoint, tasker.workflow_steps lacks checkpoint",
    "drop index tasker.idx_workflow_step_transitions_uuid_most_recent, tasker.workflow_step_transitions has no unique index on each step's latest transition",
    "'alter table tasker.workflow_step_transitions disable trigger trg_step_result_audit', 'tasker.workflow_step_transitions lacks its trigger trg_step_result_audit, or it is disabled'",
    "'drop function tasker.pgmq_send_with_notify(text, jsonb, integer)', 'Tasker''s functions are missing in the database of the queues: tasker.pgmq_send_with_notify(text, jsonb, integer)'",
    "alter table tasker.workflow_step_transitions add processor uuid not null, tasker.workflow_step_transitions has required columns that this worker does not know (processor)"
  })
  void missingAndUnknownObjectsAreReported(String change, String what) {
    tasker.execute(change);

    assertThat(check.problems()).extracting(SetupProblem::description).containsExactly(what);
  }

  @Test
  void aDatabaseWithoutTaskerYieldsOneProblem() {
    try (var empty = TestDatabase.withoutPgmq();
        var other = Database.open(empty.config(), "test")) {
      assertThat(new TaskerSchemaCheck(other, other).problems())
          .extracting(SetupProblem::description)
          .containsExactly(
              "this database has none of Tasker's tables (schema tasker)",
              "PGMQ is not in the database of the queues",
              "Tasker's functions are missing in the database of the queues:"
                  + " tasker.pgmq_send_with_notify(text, jsonb, integer),"
                  + " tasker.extract_queue_namespace(text)");
    }
  }

  @Test
  void tablesAreValidWithoutQueuesInTheSameDatabase() {
    tasker.execute("drop function tasker.pgmq_send_with_notify(text, jsonb, integer)");
    try (var second = TaskerDatabase.create();
        var queues = Database.open(second.config(), "test")) {
      second.execute("drop table tasker.tasks cascade");

      assertThat(new TaskerSchemaCheck(database, queues).problems()).isEmpty();
    }
  }

  @Test
  void anUnprivilegedRoleGetsTheSameResult() {
    try (var other = Database.open(tasker.configOf(tasker.createRole()), "test")) {
      assertThat(new TaskerSchemaCheck(other, other).problems()).isEmpty();
    }
  }

  @Test
  void anIncompatibleQueueTableIsReported() {
    var queue = new QueueName("worker_catalog_queue");
    tasker.execute("select pgmq.create('worker_catalog_queue')");
    assertThat(check.problems(queue)).isEmpty();

    tasker.execute("alter table pgmq.a_worker_catalog_queue drop column headers");

    assertThat(check.problems(queue))
        .extracting(SetupProblem::description)
        .containsExactly("pgmq.a_worker_catalog_queue lacks headers");
  }

  @Test
  void theMigrationVersionIsReadFromTaskersTool() {
    assertThat(check.newestMigration()).isEmpty();

    tasker.execute(
        """
        create table public._sqlx_migrations (version bigint, success boolean);
        insert into public._sqlx_migrations
        values (20260306000001, true), (20260120000001, true), (20270101000001, false)""");

    assertThat(check.newestMigration()).contains(TaskerSchemaCheck.NEWEST_MIGRATION);
  }

  @Test
  void allProblemsAreReportedTogether() {
    var obstacles =
        List.of(new SetupProblem("a is missing", "make a"), new SetupProblem("no b", "c"));

    assertThatThrownBy(() -> SetupProblem.throwIfAny("the database", obstacles))
        .isInstanceOf(ProtocolException.class)
        .hasMessage(
            "the database is not ready for this worker:\n  a is missing: make a\n  no b: c");
    SetupProblem.throwIfAny("the database", List.of());
  }
}
