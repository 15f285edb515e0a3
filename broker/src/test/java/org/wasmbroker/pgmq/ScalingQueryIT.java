package org.wasmbroker.pgmq;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.wasmbroker.testing.TestDatabase;

/**
 * The query by which the Helm chart scales brokers, as docs/kubernetes.md has it and as a test of
 * the chart renders it, run by a role with a broker's rights.
 */
class ScalingQueryIT {
  private static final QueueName QUEUE = new QueueName("catalog_queue");
  private static final QueueName RESULTS = new QueueName("catalog_results");
  private static final Path DOCUMENT = Path.of("..", "docs", "kubernetes.md");
  private static final Pattern QUERY = Pattern.compile("```sql\n(SELECT .*)\n```");

  private static TestDatabase postgres;
  private static Database database;

  @BeforeAll
  static void open() {
    postgres = TestDatabase.create();
    postgres.createQueues(QUEUE, RESULTS);
    database = Database.open(postgres.brokerConfig(), "test");
  }

  @AfterAll
  static void close() {
    database.close();
    postgres.close();
  }

  @Test
  void claimedAndDelayedMessagesAreNotCountedAndTheCountEndsWhereNoMoreBrokersFollow()
      throws IOException {
    assertThat(count()).isZero();

    send(7, "now()");
    send(4, "now() + interval '1 hour'");
    assertThat(count()).isEqualTo(7);

    var claimed =
        new LeasedQueue(database, QUEUE, RESULTS, new QueueName("catalog_queue_dlq"), true)
            .claim(Duration.ofMinutes(5), 2);
    assertThat(claimed).hasSize(2);
    assertThat(count()).isEqualTo(5);

    send(3000, "now()");
    assertThat(count()).isEqualTo(1000);
  }

  private static void send(int messages, String visibleAt) {
    postgres.execute(
        "insert into pgmq.q_catalog_queue (vt, message) select %s, '{}' from generate_series(1, %d)"
            .formatted(visibleAt, messages));
  }

  private static long count() throws IOException {
    var documented = QUERY.matcher(Files.readString(DOCUMENT));
    assertThat(documented.find()).isTrue();
    return database.call(
        "count",
        connection -> {
          try (var statement = connection.createStatement();
              var rows = statement.executeQuery(documented.group(1))) {
            rows.next();
            return rows.getLong(1);
          }
        });
  }
}
