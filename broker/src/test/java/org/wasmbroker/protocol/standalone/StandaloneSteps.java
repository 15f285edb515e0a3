package org.wasmbroker.protocol.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Stream;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.Pgmq;
import org.wasmbroker.protocol.LeasedStepQueue;
import org.wasmbroker.protocol.StepProtocol;
import org.wasmbroker.protocol.WorkerIdentity;
import org.wasmbroker.step.Step;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.testing.TestDatabase;

/** The real queues of standalone mode, empty at first. */
final class StandaloneSteps implements LeasedStepQueue {
  private final TestDatabase postgres;
  private final Database database;
  private final StandaloneConfig config;

  /**
   * @param database what the workers work with
   */
  StandaloneSteps(TestDatabase postgres, Database database, StandaloneConfig config) {
    this.postgres = postgres;
    this.database = database;
    this.config = config;
    for (var queue : config.allQueues()) {
      if (new Pgmq(database).exists(queue)) {
        postgres.execute("select pgmq.drop_queue('%s')".formatted(queue));
      }
    }
    postgres.createQueues(config.queue(), config.results());
  }

  @Override
  public StepProtocol connect() {
    var protocol =
        new StandaloneProtocol(
            database, config, new WorkerIdentity("worker-1", "here"), EventSink.NONE);
    protocol.prepare();
    return protocol;
  }

  @Override
  public List<UUID> ready(int steps, int maxAttempts) {
    var ready = Stream.generate(UUID::randomUUID).limit(steps).toList();
    send(ready.stream().map(id -> LeasedStepQueue.message(id, maxAttempts)).toList());
    return ready;
  }

  @Override
  public void send(String message) {
    send(List.of(message));
  }

  private void send(List<String> messages) {
    new Pgmq(database).sendBatch(config.queue(), messages, List.of());
  }

  @Override
  public Step takeOver(Step held, StepProtocol by) {
    postgres.execute(
        "update pgmq.q_catalog_queue set vt = clock_timestamp() where message ->> 'step_uuid' = '%s'"
            .formatted(held.id()));
    var taken = by.claim(1).steps();
    assertThat(taken).extracting(Step::id).containsExactly(held.id());
    return taken.getFirst();
  }

  @Override
  public void expireLeasesAndDelays() {
    postgres.execute("update pgmq.q_catalog_queue set vt = clock_timestamp()");
  }

  @Override
  public List<String> ended() {
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

  private List<String> texts(String sql) {
    return postgres.query(sql).stream().map(Objects::requireNonNull).toList();
  }
}
