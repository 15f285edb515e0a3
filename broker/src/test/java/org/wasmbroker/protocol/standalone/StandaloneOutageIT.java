package org.wasmbroker.protocol.standalone;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.BlockingQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.DatabaseConfig;
import org.wasmbroker.protocol.LeasedStepQueue;
import org.wasmbroker.protocol.OutageContract;
import org.wasmbroker.testing.LossyProxy;
import org.wasmbroker.testing.TestDatabase;

class StandaloneOutageIT extends OutageContract<LeasedStepQueue> {
  /** No lease of a test ends by itself, however long its outage takes. */
  private static final StandaloneConfig CONFIG = leases(Duration.ofMinutes(20));

  private static StandaloneConfig leases(Duration lease) {
    return new StandaloneConfig(
        StandaloneConfig.DEFAULTS.queue(),
        StandaloneConfig.DEFAULTS.results(),
        lease,
        Duration.ofSeconds(1),
        100,
        1000,
        Duration.ofMillis(50),
        true);
  }

  private static TestDatabase postgres;

  @BeforeAll
  static void start() {
    postgres = TestDatabase.onOwnServer();
  }

  @AfterAll
  static void stop() {
    postgres.close();
  }

  @Override
  protected TestDatabase server() {
    return postgres;
  }

  @Override
  protected DatabaseConfig config() {
    return postgres.brokerConfig();
  }

  @Override
  protected Database open(LossyProxy proxy) {
    return Database.open(proxy.config(), "outage-test");
  }

  @Override
  protected LeasedStepQueue queue(Database database) {
    return new StandaloneSteps(postgres, database, CONFIG);
  }

  @Override
  protected LeasedStepQueue queueOfShortClaims(Database database) {
    return new StandaloneSteps(postgres, database, leases(Duration.ofSeconds(5)));
  }

  @Override
  protected String statementOf(Call call) {
    return switch (call) {
      case CLAIM -> "with locked as";
      case RENEW -> "as asked(msg_id, read_ct)";
      case COMPLETE -> "with archival as";
      case RELEASE -> "with requeue as";
    };
  }

  @Override
  protected String table() {
    return "pgmq.q_catalog_queue";
  }

  @Override
  protected void drainExtraNotifications(BlockingQueue<Instant> wakeUps)
      throws InterruptedException {
    awaitWakeUp(wakeUps, "messages that were not notified");
  }
}
