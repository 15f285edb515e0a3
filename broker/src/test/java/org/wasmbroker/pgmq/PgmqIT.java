package org.wasmbroker.pgmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.wasmbroker.step.Document;
import org.wasmbroker.testing.TestDatabase;

class PgmqIT {
  private static TestDatabase postgres;
  private static Database database;
  private static Pgmq pgmq;

  @BeforeAll
  static void open() {
    postgres = TestDatabase.create();
    database = Database.open(postgres.config(), "pgmq-test");
    pgmq = new Pgmq(database);
  }

  @AfterAll
  static void close() {
    database.close();
    postgres.close();
  }

  @Test
  void messagesAreSentReadArchivedAndPopped() {
    var queue = new QueueName("round_trip");
    assertThat(pgmq.exists(queue)).isFalse();
    pgmq.createIfMissing(queue);
    pgmq.createIfMissing(queue);
    assertThat(pgmq.exists(queue)).isTrue();
    var headers = new ArrayList<@Nullable String>(List.of("{\"a\": 1}", "{}"));
    headers.set(1, null);
    var ids = pgmq.sendBatch(queue, List.of("{\"q\": \"a \\\"b\\\", ü\"}", "[2]"), headers);
    assertThat(pgmq.sendBatch(queue, List.of(), List.of())).isEmpty();
    var read = pgmq.read(queue, Duration.ofSeconds(30), 10);
    assertThat(read).extracting(QueueMessage::id).isEqualTo(ids);
    assertThat(read.getFirst().message()).isEqualTo(Document.of("{\"q\": \"a \\\"b\\\", ü\"}"));
    assertThat(read.getFirst().headers()).isEqualTo(Document.of("{\"a\": 1}"));
    assertThat(read.get(1).headers()).isNull();
    assertThat(pgmq.archive(queue, List.of(ids.getFirst(), 999L))).containsExactly(ids.getFirst());
    pgmq.sendBatch(queue, List.of("3"), List.of());
    var metrics = pgmq.metrics(queue);
    assertThat(metrics.length()).isEqualTo(2);
    assertThat(metrics.visible()).isEqualTo(1);
    assertThat(metrics.total()).isEqualTo(3);
    assertThat(pgmq.pop(queue, 10)).extracting(QueueMessage::readCount).containsExactly(0);
  }

  @Test
  void theVersionIsKnownAndItsAbsenceToo() {
    assertThat(pgmq.installedVersion()).isPresent();
    try (var bare = TestDatabase.withoutPgmq();
        var other = Database.open(bare.config(), "bare")) {
      assertThat(new Pgmq(other).installedVersion()).isEmpty();
      assertThatThrownBy(() -> new Pgmq(other).createIfMissing(new QueueName("q")))
          .isInstanceOf(SqlFailure.class)
          .hasMessageContaining("create queue q");
    }
  }

  @Test
  void theDatabaseAnswersAPing() {
    database.ping();
  }
}
