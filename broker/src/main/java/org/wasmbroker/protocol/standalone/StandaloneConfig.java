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

  private static final int MAX_QUEUE_NAME_LENGTH = 43;
  private static final String DEAD_LETTER_SUFFIX = "_dlq";

  public StandaloneConfig {
    if (queue.value().length() > MAX_QUEUE_NAME_LENGTH) {
      throw new IllegalArgumentException(
          "queue.name must leave room for '%s': %d characters at most, had %d"
              .formatted(DEAD_LETTER_SUFFIX, MAX_QUEUE_NAME_LENGTH, queue.value().length()));
    }
    if (results.equals(queue) || results.value().equals(queue.value() + DEAD_LETTER_SUFFIX)) {
      throw new IllegalArgumentException(
          "queue.results must be neither the queue nor its dead letters, was " + results);
    }
    requireInRange("queue.lease", lease, Duration.ofMillis(100), Duration.ofHours(1));
    requireInRange("queue.default-timeout", timeout, Duration.ofMillis(1), StepMessage.MAX_TIMEOUT);
    requireInRange("queue.notify-interval", notifyInterval, Duration.ZERO, Duration.ofMinutes(1));
    requireInRange("queue.default-max-attempts", maxAttempts, StepMessage.MAX_ATTEMPTS);
    requireInRange("queue.lost-claims", lostClaims, 1000);
  }

  /** Where messages go that can go no further. */
  public QueueName deadLetters() {
    return new QueueName(queue.value() + DEAD_LETTER_SUFFIX);
  }

  private static void requireInRange(String key, Duration value, Duration min, Duration max) {
    if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
      throw new IllegalArgumentException(
          "%s must be %s to %s, was %s".formatted(key, min, max, value));
    }
  }

  private static void requireInRange(String key, int value, int max) {
    if (value < 1 || value > max) {
      throw new IllegalArgumentException("%s must be 1 to %d, was %d".formatted(key, max, value));
    }
  }
}
