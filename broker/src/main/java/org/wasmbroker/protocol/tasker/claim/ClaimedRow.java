package org.wasmbroker.protocol.tasker.claim;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A claimed step with everything its run needs, as selected by {@link TaskerClaimSql}.
 *
 * @param messageId the id of the message that announced it; steps are delivered in this order
 * @param readyAt when its message became visible
 * @param templateStepName the step's name in its template
 * @param attempts how many attempts there were before this one
 * @param inputs a JSON object, or null
 * @param checkpoint of an earlier run, or null
 * @param context the task's input, or null
 * @param ancestorResults the result values of all ancestors by name, or null if there are none
 * @param templateKey which template, in which version of its row
 * @param sequenceRows what only domain events need; null if there can be none
 * @param lostStarts of a suspect, how many of its claims were lost after its start was recorded;
 *     null if it is none
 * @param ran the module that the attempts before this one ran, as text, or null
 */
public record ClaimedRow(
    long messageId,
    Instant readyAt,
    UUID transition,
    UUID step,
    UUID task,
    UUID correlation,
    String name,
    String templateStepName,
    int attempts,
    int maxAttempts,
    boolean retryable,
    @Nullable String inputs,
    @Nullable String checkpoint,
    @Nullable String context,
    @Nullable String ancestorResults,
    TemplateKey templateKey,
    String taskName,
    String taskVersion,
    String namespace,
    @Nullable SequenceRows sequenceRows,
    @Nullable Integer lostStarts,
    @Nullable String ran) {

  /** A version of a row of {@code named_tasks}: any change to the row results in another key. */
  record TemplateKey(UUID namedTask, String rowVersion) {}

  /** Tasker's rows as JSON. */
  record SequenceRows(String task, String step, @Nullable String dependencyResults) {}

  /** The same step with another time at which it became ready. */
  ClaimedRow withReadyAt(Instant since) {
    return new ClaimedRow(
        messageId,
        since,
        transition,
        step,
        task,
        correlation,
        name,
        templateStepName,
        attempts,
        maxAttempts,
        retryable,
        inputs,
        checkpoint,
        context,
        ancestorResults,
        templateKey,
        taskName,
        taskVersion,
        namespace,
        sequenceRows,
        lostStarts,
        ran);
  }

  /** Reads the current row, of a step that was claimed. */
  static ClaimedRow read(ResultSet row) throws SQLException {
    var taskRow = row.getString("task_row");
    return new ClaimedRow(
        row.getLong(2),
        row.getObject(3, OffsetDateTime.class).toInstant(),
        row.getObject(5, UUID.class),
        row.getObject(6, UUID.class),
        row.getObject(7, UUID.class),
        row.getObject(8, UUID.class),
        row.getString(9),
        row.getString(10),
        Math.clamp(row.getLong(11), 0, Integer.MAX_VALUE - 1),
        row.getInt(12),
        row.getBoolean(13),
        row.getString(14),
        row.getString(15),
        row.getString(16),
        row.getString(17),
        new TemplateKey(row.getObject(18, UUID.class), row.getString(19)),
        row.getString(20),
        row.getString(21),
        row.getString(22),
        taskRow == null
            ? null
            : new SequenceRows(taskRow, row.getString("step_row"), row.getString("complete")),
        row.getObject("lost_starts", Integer.class),
        row.getString("ran"));
  }
}
