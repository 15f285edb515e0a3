package org.wasmbroker.protocol.standalone;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.protocol.LeaseContract;
import org.wasmbroker.protocol.LeasedSteps;
import org.wasmbroker.testing.TestDatabase;

/** The contract, on the real thing. */
class StandaloneContractIT extends LeaseContract {
  private static TestDatabase postgres;
  private static Database database;

  @BeforeAll
  static void open() {
    postgres = TestDatabase.create();
    database = Database.open(postgres.config(), "contract-test");
  }

  @AfterAll
  static void closeAll() {
    database.close();
    postgres.close();
  }

  @Override
  protected LeasedSteps queue() {
    return new StandaloneSteps(postgres, database, StandaloneConfig.DEFAULTS);
  }
}
