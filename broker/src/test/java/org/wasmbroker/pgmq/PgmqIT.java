package org.wasmbroker.pgmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
  void sentMessagesCanBePeeked() {
    var queue = new QueueName("round_trip");
    assertThat(pgmq.exists(queue)).isFalse();
    pgmq.createIfMissing(queue);
    pgmq.createIfMissing(queue);
    assertThat(pgmq.exists(queue)).isTrue();
    var headers = new ArrayList<@Nullable String>(List.of("{\"a\": 1}", "{}"));
    headers.set(1, null);
    var ids = pgmq.sendBatch(queue, List.of("{\"q\": \"a \\\"b\\\", ü\"}", "[2]"), headers);
    assertThat(pgmq.sendBatch(queue, List.of(), List.of())).isEmpty();
    var seen = pgmq.peek(queue, 0, 10);
    assertThat(seen).extracting(QueueMessage::id).isEqualTo(ids);
    assertThat(seen).extracting(QueueMessage::readCount).containsOnly(0);
    assertThat(seen.getFirst().message()).isEqualTo(Document.of("{\"q\": \"a \\\"b\\\", ü\"}"));
    assertThat(seen.getFirst().headers()).isEqualTo(Document.of("{\"a\": 1}"));
    assertThat(seen.get(1).headers()).isNull();
    assertThat(pgmq.peek(queue, ids.getFirst(), 10)).hasSize(1);
  }

  @Test
  void theInstalledVersionOrItsAbsenceIsReported() {
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
