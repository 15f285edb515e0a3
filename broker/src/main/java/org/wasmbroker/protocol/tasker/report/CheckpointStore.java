package org.wasmbroker.protocol.tasker.report;

import java.time.Instant;
import java.util.Optional;
import org.wasmbroker.execution.StepRules.CheckpointResult;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.protocol.tasker.claim.StepDocuments;
import org.wasmbroker.protocol.tasker.claim.TaskerClaim;
import org.wasmbroker.step.Checkpoint;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.ModulePin;
import org.wasmbroker.step.Step;

/** Saves checkpoints in the steps' rows, as Tasker does: no transition, no message, same claim. */
public final class CheckpointStore {
  private final Database database;
  private final boolean journal;

  /**
   * @param journal whether claims are recorded in the broker's own tables: then the module is too,
   *     so that a step whose broker dies continues with it
   */
  public CheckpointStore(Database database, boolean journal) {
    this.database = database;
    this.journal = journal;
  }

  public CheckpointResult save(Step step, ModuleId module, Checkpoint checkpoint, Instant now) {
    var claim = TaskerClaim.of(step);
    var kept =
        database.call(
            "save a checkpoint",
            connection -> {
              try (var statement =
                  database.prepare(connection, TaskerCompletionSql.saveCheckpoint(journal))) {
                statement.setString(1, checkpointJson(checkpoint, now));
                statement.setString(2, historyEntryJson(checkpoint, now));
                statement.setObject(3, claim.step());
                statement.setObject(4, claim.transition());
                if (journal) {
                  statement.setString(5, ModulePin.text(module));
                  statement.setObject(6, claim.transition());
                }
                try (var rows = statement.executeQuery()) {
                  return rows.next() ? Optional.of(rows.getString(1)) : Optional.<String>empty();
                }
              }
            });
    kept.ifPresent(_ -> claim.continuesWith(module));
    return kept.<CheckpointResult>map(
            text ->
                new CheckpointResult.Saved(
                    step.withDocument(
                        StepDocuments.withCheckpoint(
                            step.document(), claim.checkpointOffset(), text))))
        .orElseGet(CheckpointResult.Lost::new);
  }

  private static String checkpointJson(Checkpoint checkpoint, Instant now) {
    var accumulated = checkpoint.accumulated();
    return "{\"cursor\":%s,\"items_processed\":%d,\"timestamp\":\"%s\"%s}"
        .formatted(
            checkpoint.cursor().text(),
            checkpoint.itemsProcessed(),
            now,
            accumulated == null ? "" : ",\"accumulated_results\":" + accumulated.text());
  }

  private static String historyEntryJson(Checkpoint checkpoint, Instant now) {
    return "[{\"cursor\":%s,\"timestamp\":\"%s\"}]".formatted(checkpoint.cursor().text(), now);
  }
}
