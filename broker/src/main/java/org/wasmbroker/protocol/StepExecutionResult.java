package org.wasmbroker.protocol;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.GrantUsage;
import org.wasmbroker.step.HostCallCount;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Receipt;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepError;

/**
 * The result document on the wire: Tasker's StepExecutionResult, in both protocols. What Tasker has
 * no member for is under {@code metadata.custom}: {@code step} identifies the step, {@code receipt}
 * has what its run used, {@code module} what an earlier run used if there was none.
 *
 * <p>The members are those of Tasker's own workers, in the order in which Postgres keeps them as
 * jsonb, by length and then by bytes: it need not sort what is sorted already, which is a third of
 * its work on a result.
 */
public final class StepExecutionResult {
  private static final Document EMPTY = Document.of("{}");

  private final Outcome outcome;
  private final WorkerIdentity worker;
  private final boolean includeStep;

  private StepExecutionResult(Outcome outcome, WorkerIdentity worker, boolean includeStep) {
    this.outcome = outcome;
    this.worker = worker;
    this.includeStep = includeStep;
  }

  /** The result of a completed step. */
  public static Document of(Outcome.Completed outcome, WorkerIdentity worker) {
    return new StepExecutionResult(outcome, worker, true)
        .write(null, outcome.result(), false, null);
  }

  /** The result of a step that failed permanently, or whose attempts are used up. */
  public static Document of(Outcome.Failed outcome, WorkerIdentity worker) {
    return new StepExecutionResult(outcome, worker, true)
        .write(outcome.error(), EMPTY, outcome.error().retryable(), null);
  }

  /** The result of a completed step, for readers that identify the step otherwise. */
  public static Document withoutStep(Outcome.Completed outcome, WorkerIdentity worker) {
    return new StepExecutionResult(outcome, worker, false)
        .write(null, outcome.result(), false, null);
  }

  /**
   * The result of a failed attempt, for readers that identify the step otherwise.
   *
   * @param retryable whether there should be another attempt, as far as the worker can tell
   * @param retryAfter the earliest sensible time for it, or null
   */
  public static Document withoutStep(
      Outcome outcome,
      StepError error,
      boolean retryable,
      @Nullable Duration retryAfter,
      WorkerIdentity worker) {
    return new StepExecutionResult(outcome, worker, false)
        .write(error, EMPTY, retryable, retryAfter);
  }

  /**
   * What a step ended with, without the ids, times and receipt of a queue's result: status, and
   * result or error. Each member is the same in the whole document.
   */
  public static String summary(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Completed completed ->
          "{\"status\":\"completed\",\"result\":" + completed.result().text() + "}";
      case Outcome.Failed failed -> summary(failed.error());
      case Outcome.Retry retry -> summary(retry.error());
    };
  }

  private static String summary(StepError error) {
    return DocumentWriter.object(
            json -> {
              json.member("status", "failed");
              error(json, error, error.retryable());
              json.start("metadata").member("error_code", error.code()).end();
            })
        .text();
  }

  private Document write(
      @Nullable StepError error,
      Document result,
      boolean retryable,
      @Nullable Duration retryAfter) {
    return DocumentWriter.object(
        json -> {
          error(json, error, retryable);
          json.member("result", result)
              .member("status", error == null ? "completed" : "failed")
              .member("success", error == null);
          metadata(json, error, retryable);
          json.member("step_uuid", outcome.step().id().value());
          orchestration(json, retryAfter);
        });
  }

  private void metadata(DocumentWriter json, @Nullable StepError error, boolean retryable) {
    var receipt = outcome.receipt();
    var duration = receipt.instantiation().plus(receipt.execution());
    var module = receipt.module();
    var pin = outcome.step().pin();
    json.start("metadata").start("custom");
    if (includeStep) {
      step(json, outcome.step());
    } else if (module == null && pin != null) {
      json.member("module", pin.text()); // the next attempt runs it
    }
    json.start("receipt");
    write(json, receipt);
    json.end()
        .end()
        .member(
            "context",
            error == null || error.context() == null ? EMPTY : error.context().document())
        .member("retryable", retryable)
        .member("worker_id", worker.id())
        .member("error_code", error == null ? null : error.code())
        .member("error_type", error == null ? null : error.type())
        .member("started_at", outcome.startedAt().toString())
        .member("completed_at", outcome.startedAt().plus(duration).toString())
        .member("handler_version", module == null ? null : module.version())
        .member("worker_hostname", worker.hostname())
        .member("execution_time_ms", duration.toMillis())
        .end();
  }

  private static void step(DocumentWriter json, Step step) {
    json.start("step")
        .member("name", step.name())
        .member("attempt", step.attempt().number())
        .member("handler", step.handler().name())
        .member("version", step.handler().selector())
        .member("task_uuid", step.ids().task())
        .member("max_attempts", step.attempt().max())
        .member("correlation_id", step.ids().correlation())
        .end();
  }

  /** The members of the receipt: of a result, and of a dead letter. */
  public static void write(DocumentWriter json, Receipt receipt) {
    var module = receipt.module();
    var engine = receipt.engine();
    json.member("digest", module == null ? null : "sha256:" + module.digest())
        .member("engine", engine == null ? null : engine.name());
    grantUse(json, receipt.grantUse());
    json.member("handler", module == null ? null : module.handler())
        .member("version", module == null ? null : module.version())
        .member("bytes_in", receipt.bytesIn())
        .member("prepared", receipt.prepared())
        .member("bytes_out", receipt.bytesOut());
    if (receipt.recording() != null) {
      json.member("recording", receipt.recording());
    }
    json.start("host_calls");
    for (HostCallCount calls : receipt.hostCalls()) {
      json.start(calls.function())
          .member("denied", calls.denied())
          .member("failed", calls.failed())
          .member("allowed", calls.allowed())
          .end();
    }
    json.end()
        .member("execution_ns", receipt.execution().toNanos())
        .member("queue_wait_ns", receipt.queueWait().toNanos())
        .member("engine_version", engine == null ? null : engine.version())
        .member("permit_wait_ns", receipt.permitWait().toNanos())
        .member("instantiation_ns", receipt.instantiation().toNanos())
        .member("log_lines_dropped", receipt.logLinesDropped())
        .member("memory_high_water_bytes", receipt.memoryHighWaterBytes());
  }

  private static void grantUse(DocumentWriter json, GrantUsage use) {
    for (var capability : use.used()) {
      json.start(capability.capability());
      capability.counts().forEach(json::member);
      json.end();
    }
    json.member("grants", use.grants());
  }

  private static void error(DocumentWriter json, @Nullable StepError error, boolean retryable) {
    if (error == null) {
      json.member("error", (String) null);
      return;
    }
    json.start("error");
    write(json, error, retryable);
    json.end();
  }

  /** The members of the error object: of a result, and of a dead letter's {@code last_error}. */
  public static void write(DocumentWriter json, StepError error) {
    write(json, error, error.retryable());
  }

  private static void write(DocumentWriter json, StepError error, boolean retryable) {
    if (error.context() != null) {
      json.member("context", error.context().document());
    }
    json.member("message", error.message());
    if (error.backtrace().isEmpty()) {
      json.member("backtrace", (String) null);
    } else {
      json.member("backtrace", error.backtrace());
    }
    json.member("retryable", retryable).member("error_type", error.type());
  }

  private static void orchestration(DocumentWriter json, @Nullable Duration retryAfter) {
    json.start("orchestration_metadata").start("custom").end().start("headers");
    if (retryAfter != null) {
      json.member("Retry-After", Long.toString(wholeSeconds(retryAfter)));
    }
    json.end().member("backoff_hint", (String) null).member("error_context", (String) null).end();
  }

  private static long wholeSeconds(Duration duration) {
    return duration.plusNanos(999_999_999).toSeconds();
  }
}
