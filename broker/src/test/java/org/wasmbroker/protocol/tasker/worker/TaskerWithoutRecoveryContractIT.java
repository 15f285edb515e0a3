package org.wasmbroker.protocol.tasker.worker;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.protocol.StepProtocolContract;
import org.wasmbroker.protocol.tasker.TaskerSession;
import org.wasmbroker.testing.TaskerDatabase;

/** The contract, on Tasker's tables, in a database without the broker's own tables. */
class TaskerWithoutRecoveryContractIT extends StepProtocolContract<TaskerSteps> {
  private static TaskerDatabase postgres;
  private static Database database;

  @BeforeAll
  static void open() {
    postgres = TaskerDatabase.create();
    database = Database.open(postgres.workerConfig(), "contract-test", TaskerSession.SQL);
  }

  @AfterAll
  static void closeAll() {
    database.close();
    postgres.close();
  }

  @Override
  protected TaskerSteps queue() {
    return new TaskerSteps(postgres, database, null);
  }
}
