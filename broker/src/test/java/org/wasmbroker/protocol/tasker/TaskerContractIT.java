package org.wasmbroker.protocol.tasker;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.protocol.StepProtocolContract;
import org.wasmbroker.testing.TaskerDatabase;

/** The contract, on Tasker's tables, with the broker's own tables beside them. */
class TaskerContractIT extends StepProtocolContract<TaskerSteps> {
  private static TaskerDatabase postgres;
  private static Database database;

  @BeforeAll
  static void open() {
    postgres = TaskerDatabase.create();
    database = Database.open(postgres.config(), "contract-test", TaskerSession.SQL);
    new BrokerSchema(database).migrate();
  }

  @AfterAll
  static void closeAll() {
    database.close();
    postgres.close();
  }

  @Override
  protected TaskerSteps queue() {
    return new TaskerSteps(postgres, database, RecoveryConfig.DEFAULTS);
  }
}
