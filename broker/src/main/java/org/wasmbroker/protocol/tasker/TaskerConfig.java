package org.wasmbroker.protocol.tasker;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.pgmq.DatabaseConfig;
import org.wasmbroker.pgmq.QueueName;

/**
 * Configuration of the Tasker protocol.
 *
 * @param namespaces whose queues {@code worker_<namespace>_queue} are served; one or more
 * @param queues other queues that carry Tasker's step messages
 * @param templates a directory of task templates to register at startup, or null
 * @param defaultTimeout of a step whose definition has none
 * @param watchInterval how often running steps are checked for having been cancelled or resolved
 * @param recovery how the steps of dead workers are recovered; null if the broker may not have
 *     tables of its own
 * @param queueDatabase where the queues are, if not in Tasker's database
 * @param visibility how long a message read from a separate queue database stays invisible
 */
public record TaskerConfig(
    List<Namespace> namespaces,
    List<QueueName> queues,
    @Nullable Path templates,
    Duration defaultTimeout,
    Duration watchInterval,
    @Nullable RecoveryConfig recovery,
    @Nullable DatabaseConfig queueDatabase,
    Duration visibility) {
  public static final TaskerConfig DEFAULTS =
      new TaskerConfig(
          List.of(new Namespace("catalog")),
          List.of(),
          null,
          Duration.ofSeconds(30),
          Duration.ofSeconds(1),
          RecoveryConfig.DEFAULTS,
          null,
          Duration.ofSeconds(30));

  public TaskerConfig {
    namespaces = List.copyOf(namespaces);
    queues = List.copyOf(queues);
    if (namespaces.isEmpty()) {
      throw new IllegalArgumentException("tasker.namespaces must name at least one namespace");
    }
    within("tasker.default-timeout", defaultTimeout, Duration.ofMillis(1), Duration.ofDays(1));
    within("tasker.watch", watchInterval, Duration.ofMillis(100), Duration.ofMinutes(1));
    within("tasker.visibility", visibility, Duration.ofSeconds(1), Duration.ofHours(1));
  }

  /** All queues that are served. */
  public List<QueueName> allQueues() {
    return Stream.concat(namespaces.stream().map(Namespace::queue), queues.stream())
        .distinct()
        .toList();
  }

  private static void within(String key, Duration value, Duration min, Duration max) {
    if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
      throw new IllegalArgumentException(
          "%s must be %d ms to %d ms, was %d ms"
              .formatted(key, min.toMillis(), max.toMillis(), value.toMillis()));
    }
  }
}
