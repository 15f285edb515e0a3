package org.wasmbroker.protocol.standalone;

import java.time.Duration;
import org.wasmbroker.pgmq.QueueName;

/**
 * The queues and the terms of the standalone protocol.
 *
 * @param queue where steps come from; its dead letters go to {@code <queue>_dlq}
 * @param results where results go
 * @param lease how long a claim holds without being renewed
 * @param timeout of a step whose message names none
 * @param maxAttempts of a step whose message names none
 * @param lostClaims after so many claims that ended with no word, as when the handler takes its
 *     process along, a step is dead-lettered instead of tried again
 * @param notifyInterval how often at most Postgres tells of new messages
 */
public record StandaloneConfig(
    QueueName queue,
    QueueName results,
    Duration lease,
    Duration timeout,
    int maxAttempts,
    int lostClaims,
    Duration notifyInterval) {
  public static final StandaloneConfig DEFAULTS =
      new StandaloneConfig(
          new QueueName("catalog_queue"),
          new QueueName("catalog_results"),
          Duration.ofSeconds(30),
          Duration.ofSeconds(30),
          3,
          5,
          Duration.ofMillis(50));

  private static final int LONGEST_NAME = 43;
  private static final String DEAD_LETTERS = "_dlq";

  public StandaloneConfig {
    if (queue.value().length() > LONGEST_NAME) {
      throw new IllegalArgumentException(
          "queue.name must leave room for '%s': %d characters at most, had %d"
              .formatted(DEAD_LETTERS, LONGEST_NAME, queue.value().length()));
    }
    if (results.equals(queue) || results.value().equals(queue.value() + DEAD_LETTERS)) {
      throw new IllegalArgumentException(
          "queue.results must be neither the queue nor its dead letters, was " + results);
    }
    within("queue.lease", lease, Duration.ofMillis(100), Duration.ofHours(1));
    within("queue.default-timeout", timeout, Duration.ofMillis(1), StepMessage.LONGEST_TIMEOUT);
    within("queue.notify-interval", notifyInterval, Duration.ZERO, Duration.ofMinutes(1));
    within("queue.default-max-attempts", maxAttempts, StepMessage.MOST_ATTEMPTS);
    within("queue.lost-claims", lostClaims, 1000);
  }

  /** Where messages go that can go no further. */
  public QueueName deadLetters() {
    return new QueueName(queue.value() + DEAD_LETTERS);
  }

  private static void within(String key, Duration value, Duration least, Duration most) {
    if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
      throw new IllegalArgumentException(
          "%s must be %s to %s, was %s".formatted(key, least, most, value));
    }
  }

  private static void within(String key, int value, int most) {
    if (value < 1 || value > most) {
      throw new IllegalArgumentException("%s must be 1 to %d, was %d".formatted(key, most, value));
    }
  }
}
