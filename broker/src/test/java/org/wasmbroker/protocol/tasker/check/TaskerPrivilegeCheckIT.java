package org.wasmbroker.protocol.tasker.check;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.protocol.SetupProblem;
import org.wasmbroker.protocol.tasker.TaskerConfig;
import org.wasmbroker.testing.TaskerDatabase;

class TaskerPrivilegeCheckIT {
  private TaskerDatabase tasker;
  private String role;

  @BeforeEach
  void create() {
    tasker = TaskerDatabase.create();
    tasker.execute("select pgmq.create('worker_catalog_queue')");
    role = tasker.createRole();
  }

  @AfterEach
  void drop() {
    tasker.close();
  }

  @Test
  void aSuperuserHasAllPrivileges() {
    try (var database = Database.open(tasker.config(), "test")) {
      assertThat(new TaskerPrivilegeCheck(database, database, TaskerConfig.DEFAULTS).problems())
          .isEmpty();
    }
  }

  @Test
  void everyRemedyIsNecessaryAndAllAreSufficient() {
    try (var database = Database.open(tasker.configOf(role), "test")) {
      var rights = new TaskerPrivilegeCheck(database, database, TaskerConfig.DEFAULTS);
      var lacking = rights.problems();
      assertThat(lacking)
          .extracting(SetupProblem::description)
          .contains(
              "the role %s lacks usage on schema tasker".formatted(role),
              "the role %s lacks select, insert, update on table tasker.workflow_step_transitions"
                  .formatted(role),
              "the role %s lacks select, update, delete on table pgmq.q_worker_catalog_queue"
                  .formatted(role))
          .as("no templates are to be registered")
          .doesNotContain(
              "the role %s lacks select, insert, update on table tasker.named_tasks"
                  .formatted(role));

      lacking.stream()
          .map(problem -> problem.remedy().substring("as the owner, run: ".length()))
          .forEach(tasker::execute);

      assertThat(rights.problems()).isEmpty();
    }
  }
}
