package org.wasmbroker.protocol.standalone;

import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.Pgmq;
import org.wasmbroker.pgmq.QueueName;
import org.wasmbroker.protocol.StepProtocol;
import org.wasmbroker.protocol.StepProtocolContract;
import org.wasmbroker.protocol.WorkerIdentity;
import org.wasmbroker.telemetry.BrokerEvents;
import org.wasmbroker.testing.TestDatabase;

/** The contract, on the real thing. */
class StandaloneContractIT extends StepProtocolContract {
  private static TestDatabase postgres;
  private static Database database;

  @BeforeAll
  static void open() {
    postgres = TestDatabase.create();
    database = Database.open(postgres.config(), "contract-test");
  }

  @AfterAll
  static void close() {
    database.close();
    postgres.close();
  }

  @Override
  protected Harness harness() {
    return new RealQueue();
  }

  private static final class RealQueue implements Harness {
    private final Pgmq pgmq = new Pgmq(database);

    private RealQueue() {
      for (var queue : List.of("catalog_queue", "catalog_results", "catalog_queue_dlq")) {
        if (pgmq.exists(new QueueName(queue))) {
          postgres.execute("select pgmq.drop_queue('" + queue + "')");
        }
      }
    }

    @Override
    public StepProtocol connect() {
      var protocol =
          new StandaloneProtocol(
              database,
              StandaloneConfig.DEFAULTS,
              new WorkerIdentity("worker-1", "here"),
              BrokerEvents.NONE);
      protocol.prepare();
      return protocol;
    }

    @Override
    public void send(String message) {
      pgmq.sendBatch(StandaloneConfig.DEFAULTS.queue(), List.of(message), List.of());
    }

    @Override
    public void everythingBecomesVisible() {
      postgres.execute("update pgmq.q_catalog_queue set vt = clock_timestamp()");
    }

    @Override
    public List<String> results() {
      return texts(
          """
          select (message ->> 'step_uuid') || ' ' || (message ->> 'status')
          from pgmq.q_catalog_results order by msg_id
          """);
    }

    @Override
    public List<String> deadLetters() {
      return texts("select message ->> 'reason' from pgmq.q_catalog_queue_dlq order by msg_id");
    }

    @Override
    public int queued() {
      return Integer.parseInt(texts("select count(*) from pgmq.q_catalog_queue").getFirst());
    }

    private static List<String> texts(String sql) {
      return postgres.query(sql).stream().map(Objects::requireNonNull).toList();
    }
  }
}
