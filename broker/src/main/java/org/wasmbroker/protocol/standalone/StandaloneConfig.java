package org.wasmbroker.protocol.standalone;

import java.time.Duration;
import java.util.List;
import org.wasmbroker.pgmq.QueueName;

/**
 * The queues and settings of the standalone protocol.
 *
 * @param queue of the steps; its dead letters go to {@code <queue>_dlq}
 * @param results the queue of the results
 * @param lease how long a claim is valid unless it is extended
 * @param timeout of a step whose message has none
 * @param maxAttempts of a step whose message has none
 * @param lostClaims after this many claims that were lost while the step ran, as when a handler
 *     crashes its process, a step is dead-lettered instead of retried
 * @param notifyInterval the minimum time between notifications of new messages
 * @param archives whether the messages of steps that ended are kept in the queue's archive
 */
public record StandaloneConfig(
    QueueName queue,
    QueueName results,
    Duration lease,
    Duration timeout,
    int maxAttempts,
    int lostClaims,
    Duration notifyInterval,
    boolean archives) {
  public static final StandaloneConfig DEFAULTS =
      new StandaloneConfig(
          new QueueName("catalog_queue"),
          new QueueName("catalog_results"),
          Duration.ofSeconds(30),
          Duration.ofSeconds(30),
          3,
          5,
          Duration.ofMillis(50),
          true);

  private static final int MAX_QUEUE_NAME_LENGTH = 43;
  private static final String DEAD_LETTER_SUFFIX = "_dlq";

  public StandaloneConfig {
    if (queue.value().length() > MAX_QUEUE_NAME_LENGTH) {
      throw new IllegalArgumentException(
          "queue.name must have at most %2$d characters, to which '%1$s' is added; it had %3$d"
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

  /** The queue of the dead letters. */
  public QueueName deadLetters() {
    return new QueueName(queue.value() + DEAD_LETTER_SUFFIX);
  }

  /** Where steps come from, and where results and dead letters go. */
  List<QueueName> allQueues() {
    return List.of(queue, results, deadLetters());
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
