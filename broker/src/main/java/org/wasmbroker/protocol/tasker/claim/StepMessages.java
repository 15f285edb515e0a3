package org.wasmbroker.protocol.tasker.claim;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.QueueName;

/**
 * Reads the messages of steps from a database of their own. What they refer to is found by the
 * server: no message is transferred, however much text it has. Thread-safe.
 */
public final class StepMessages {
  private final Database database;

  /**
   * A message that was read.
   *
   * @param id PGMQ's {@code msg_id}
   * @param enqueuedAt when it was sent
   * @param step the step that it refers to, or null if it is no message of a step
   * @param shown what is shown of one that is none, else null
   */
  public record StepMessage(
      long id, Instant enqueuedAt, @Nullable UUID step, @Nullable String shown) {}

  /**
   * @param database where the queues are
   */
  public StepMessages(Database database) {
    this.database = database;
  }

  /**
   * Reads visible messages, oldest first, and hides them from others.
   *
   * @param visibility for how long; rounded up to the whole seconds that PGMQ supports
   */
  public List<StepMessage> read(QueueName queue, Duration visibility, int maxMessages) {
    return database.call(
        "read from queue " + queue,
        connection -> {
          try (var statement = database.prepare(connection, TaskerClaimSql.readMessages())) {
            statement.setString(1, queue.value());
            statement.setLong(2, visibility.plusMillis(999).toSeconds());
            statement.setInt(3, maxMessages);
            var messages = new ArrayList<StepMessage>();
            try (var rows = statement.executeQuery()) {
              while (rows.next()) {
                messages.add(
                    new StepMessage(
                        rows.getLong(1),
                        rows.getObject(2, OffsetDateTime.class).toInstant(),
                        rows.getObject(3, UUID.class),
                        rows.getString(4)));
              }
            }
            messages.sort(Comparator.comparingLong(StepMessage::id));
            return List.copyOf(messages);
          }
        });
  }
}
