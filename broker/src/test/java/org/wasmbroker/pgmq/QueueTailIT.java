package org.wasmbroker.pgmq;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.wasmbroker.testing.ManualTime;
import org.wasmbroker.testing.TestDatabase;

class QueueTailIT {
  private static TestDatabase postgres;
  private static Database database;
  private static Pgmq pgmq;

  private final ManualTime time = new ManualTime();

  @BeforeAll
  static void open() {
    postgres = TestDatabase.create();
    database = Database.open(postgres.config(), "queue-tail-test");
    pgmq = new Pgmq(database);
  }

  @AfterAll
  static void close() {
    database.close();
    postgres.close();
  }

  @Test
  void eachMessageIsReadOnceInOrder() {
    var queue = created("in_order");
    var tail = new QueueTail(pgmq, queue, time);
    assertThat(tail.next(10)).isEmpty();
    var ids = pgmq.sendBatch(queue, List.of("1", "2", "3"), List.of());
    assertThat(tail.next(2)).extracting(QueueMessage::id).isEqualTo(ids.subList(0, 2));
    assertThat(tail.next(2)).extracting(QueueMessage::id).isEqualTo(ids.subList(2, 3));
    assertThat(tail.next(2)).isEmpty();
  }

  @Test
  void aMessageCommittedAfterOneWithAHigherIdIsRead() throws SQLException {
    var queue = created("out_of_order");
    var tail = new QueueTail(pgmq, queue, time);
    try (var slow = transaction()) {
      long early = send(slow, queue);
      long late = pgmq.sendBatch(queue, List.of("2"), List.of()).getFirst();
      assertThat(early).isLessThan(late);
      assertThat(tail.next(10)).extracting(QueueMessage::id).containsExactly(late);
      for (int i = 0; i < 5; i++) {
        time.advance(QueueTail.PATIENCE.multipliedBy(2));
        assertThat(tail.next(10)).as("however long its transaction takes").isEmpty();
      }
      slow.commit();
      assertThat(tail.next(10)).extracting(QueueMessage::id).containsExactly(early);
      assertThat(tail.next(10)).isEmpty();
    }
  }

  @Test
  void anIdThatNeverComesIsForgotten() throws SQLException {
    var queue = created("rolled_back");
    var tail = new QueueTail(pgmq, queue, time);
    try (var slow = transaction()) {
      send(slow, queue);
      long late = pgmq.sendBatch(queue, List.of("2"), List.of()).getFirst();
      assertThat(tail.next(10)).extracting(QueueMessage::id).containsExactly(late);
      slow.rollback();
    }
    assertThat(tail.next(10)).isEmpty();
    assertThat(tail.skipped()).as("its transaction may have no id yet").isOne();
    time.advance(QueueTail.PATIENCE.plusNanos(1));
    for (int i = 0; i < 2; i++) {
      assertThat(tail.next(10)).isEmpty();
    }
    assertThat(tail.skipped()).isZero();
  }

  @Test
  void aQueueWithALongHistoryIsReadFromItsFirstMessage() throws SQLException {
    var queue = created("old");
    try (var connection = transaction();
        var statement = connection.createStatement()) {
      statement.execute(
          "alter table %s alter msg_id restart with 5000000".formatted(queue.table()));
      connection.commit();
    }
    var ids = pgmq.sendBatch(queue, List.of("1", "2"), List.of());
    var tail = new QueueTail(pgmq, queue, time);
    assertThat(tail.next(10)).extracting(QueueMessage::id).isEqualTo(ids);
    assertThat(ids).isEqualTo(LongStream.range(5_000_000, 5_000_002).boxed().toList());
  }

  private static QueueName created(String name) {
    var queue = new QueueName(name);
    pgmq.createIfMissing(queue);
    return queue;
  }

  private static Connection transaction() throws SQLException {
    var connection = postgres.connect();
    connection.setAutoCommit(false);
    return connection;
  }

  private static long send(Connection connection, QueueName queue) throws SQLException {
    try (var statement = connection.prepareStatement("select pgmq.send(?, '1'::jsonb)")) {
      statement.setString(1, queue.value());
      try (var row = statement.executeQuery()) {
        row.next();
        return row.getLong(1);
      }
    }
  }
}
