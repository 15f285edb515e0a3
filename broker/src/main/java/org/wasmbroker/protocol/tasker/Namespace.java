package org.wasmbroker.protocol.tasker;

import java.util.regex.Pattern;
import org.wasmbroker.pgmq.QueueName;
import org.wasmbroker.step.SafeText;

/**
 * A namespace of Tasker: 1 to 29 of a-z, 0-9 and '_', not starting with a digit. Tasker also
 * accepts capital letters, but PGMQ folds the names of its queues to lower case.
 */
public record Namespace(String value) {
  private static final Pattern SHAPE = Pattern.compile("[a-z_][a-z0-9_]{0,28}");

  public Namespace {
    if (!SHAPE.matcher(value).matches()) {
      throw new IllegalArgumentException(
          "a namespace must be 1 to 29 of a-z, 0-9 and '_', not starting with a digit, was '"
              + SafeText.sanitize(value, 100)
              + "'");
    }
  }

  /** The queue to which Tasker's orchestrator sends the namespace's steps. */
  public QueueName queue() {
    return new QueueName("worker_" + value + "_queue");
  }

  /** The queue of the namespace's durable domain events. */
  public QueueName domainEventQueue() {
    return new QueueName(value + "_domain_events");
  }

  @Override
  public String toString() {
    return value;
  }
}
