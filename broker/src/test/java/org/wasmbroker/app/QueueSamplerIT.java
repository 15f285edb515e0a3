package org.wasmbroker.app;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.QueueInspector;
import org.wasmbroker.pgmq.QueueName;
import org.wasmbroker.pgmq.QueueState;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.testing.CapturedLog;
import org.wasmbroker.testing.TestDatabase;

class QueueSamplerIT {
  private static final QueueName THERE = new QueueName("there");
  private static final QueueName MISSING = new QueueName("missing");

  @Test
  void aQueueThatCannotBeMeasuredIsUnknownAndToldOnce() {
    try (var postgres = TestDatabase.create();
        var database = Database.open(postgres.config(), "queue-sampler-test");
        var log = CapturedLog.of(QueueSampler.class, Level.INFO)) {
      postgres.execute("select pgmq.create('there'), pgmq.send('there', '1')");
      var sampler =
          new QueueSampler(
              new QueueInspector(database, Duration.ofMinutes(1)),
              List.of(MISSING, THERE),
              TimeSource.SYSTEM);
      var _ = sampler.measure();
      var _ = sampler.measure();

      assertThat(sampler.queue(MISSING)).isEqualTo(QueueState.UNKNOWN);
      assertThat(sampler.queue(THERE).visible()).isEqualTo(1);
      assertThat(sampler.table("q_there").bytes()).isPositive();
      assertThat(sampler.table("q_missing").bytes()).isNaN();
      assertThat(sampler.horizon().transactions()).isNotNegative();
      assertThat(sampler.failures()).isEqualTo(2);
      assertThat(messages(log)).singleElement().asString().contains("queue missing", "NaN");

      postgres.execute("select pgmq.create('missing')");
      assertThat(sampler.measure().queues()).containsKeys(MISSING, THERE);
      assertThat(messages(log)).hasSize(2).last().asString().contains("again");
    }
  }

  private static List<String> messages(CapturedLog log) {
    return log.events().stream().map(event -> event.getFormattedMessage()).toList();
  }
}
