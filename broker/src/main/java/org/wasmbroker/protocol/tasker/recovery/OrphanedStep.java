package org.wasmbroker.protocol.tasker.recovery;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.protocol.StepExecutionResult;
import org.wasmbroker.protocol.WorkerIdentity;
import org.wasmbroker.protocol.tasker.report.Completion;
import org.wasmbroker.step.Attempt;
import org.wasmbroker.step.Claim;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.ErrorContext;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.ModulePin;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Receipt;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepError;
import org.wasmbroker.step.StepId;
import org.wasmbroker.step.StepIds;
import org.wasmbroker.step.StepOrigin;
import org.wasmbroker.step.TraceContext;
import tools.jackson.databind.json.JsonMapper;

/**
 * A step whose worker is dead, according to the database. If its start was recorded, the attempt
 * counts, so that a step that kills its workers eventually ends as {@code poisoned}. If not, it may
 * never have run, and the attempt does not count.
 *
 * @param transition the dead worker's claim
 * @param retryable whether the step's definition allows another attempt at all
 * @param started whether its start was recorded
 * @param ran the module that the next attempt runs as well, as text; null if none is known
 * @param now the database's time
 */
record OrphanedStep(
    UUID transition,
    UUID step,
    UUID task,
    UUID correlation,
    String name,
    Attempt attempt,
    boolean retryable,
    boolean started,
    @Nullable String ran,
    Instant claimedAt,
    Instant now) {
  private static final JsonMapper JSON = new JsonMapper();

  /** The handler is in the task's template and is not needed here. */
  private static final HandlerRef UNKNOWN_HANDLER = new HandlerRef("none", null);

  /**
   * The worker that held the step.
   *
   * @param hostname null if the worker has left no row
   * @param seenAt null if the worker has left no row
   */
  record DeadWorker(UUID worker, @Nullable String hostname, @Nullable Instant seenAt) {
    @Override
    public String toString() {
      return hostname == null ? worker.toString() : worker + " on " + hostname;
    }
  }

  private record OrphanedClaim(UUID transition) implements Claim {}

  /** Reads the current row of {@link WorkerSql#CLAIMS}, whose step is held. */
  static OrphanedStep read(ResultSet row) throws SQLException {
    int attempt = Math.max(1, row.getInt(6));
    return new OrphanedStep(
        row.getObject(1, UUID.class),
        row.getObject(2, UUID.class),
        row.getObject(3, UUID.class),
        row.getObject(4, UUID.class),
        row.getString(5),
        new Attempt(attempt, Math.max(attempt, row.getInt(7))),
        row.getBoolean(8),
        row.getBoolean("started"),
        row.getString("ran"),
        row.getObject(9, OffsetDateTime.class).toInstant(),
        row.getObject(10, OffsetDateTime.class).toInstant());
  }

  /** The failure, in the form in which a living worker reports it. */
  Completion failure(DeadWorker holder, WorkerIdentity reporter) {
    var error = error(holder);
    var outcome = new Outcome.Failed(asStep(), error, false, now, Receipt.none(Duration.ZERO));
    var result = StepExecutionResult.withoutStep(outcome, error, error.retryable(), null, reporter);
    return new Completion(step, transition, task, correlation, false, result, countsAttempt());
  }

  /** A step that may not run twice has had its attempt, whether it began or not. */
  private boolean countsAttempt() {
    return started || !retryable;
  }

  private boolean isLastAttempt() {
    return countsAttempt() && attempt.number() >= attempt.max();
  }

  /** Whether the orchestrator is asked for another attempt. */
  boolean isRetried() {
    return retryable && !isLastAttempt();
  }

  private StepError error(DeadWorker holder) {
    var seenAt = holder.seenAt();
    var context =
        JSON.createObjectNode()
            .put("worker_uuid", holder.worker().toString())
            .put("worker_hostname", holder.hostname())
            .put("last_seen_at", seenAt == null ? null : seenAt.toString())
            .put("claimed_at", claimedAt.toString());
    var message =
        seenAt == null
            ? "Worker %s is gone and has left the step behind".formatted(holder)
            : "Worker %s has been silent since %s, and the step is considered lost"
                .formatted(holder, seenAt);
    boolean poisoned = started && isLastAttempt();
    return new StepError(
        poisoned ? "poisoned" : "worker_lost",
        poisoned
            ? "%s; that was attempt %d of %d".formatted(message, attempt.number(), attempt.max())
            : message,
        isRetried(),
        null,
        null,
        List.of(),
        new ErrorContext.Json(Document.of(JSON.writeValueAsBytes(context))));
  }

  private Step asStep() {
    return new Step(
        new StepIds(new StepId(step), task, correlation),
        name,
        UNKNOWN_HANDLER,
        attempt,
        Duration.ZERO,
        Document.EMPTY,
        new OrphanedClaim(transition),
        claimedAt,
        TraceContext.NONE,
        StepOrigin.NONE,
        ModulePin.parse(ran, false)); // whether it continues, its row says
  }
}
