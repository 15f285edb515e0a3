package org.wasmbroker.protocol;

import java.io.StringWriter;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.GrantUsage;
import org.wasmbroker.step.HostCallCount;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Receipt;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepError;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.JsonRecyclerPools;

/**
 * The result document on the wire: Tasker's StepExecutionResult, in both protocols. What Tasker has
 * no member for is under {@code metadata.custom}: {@code step} identifies the step, {@code receipt}
 * has what its run used. Members and order are those of Tasker's own workers.
 */
public final class StepExecutionResult {
  private static final JsonFactory JSON =
      JsonFactory.builder().recyclerPool(JsonRecyclerPools.threadLocalPool()).build();

  private final Outcome outcome;
  private final WorkerIdentity worker;
  private final boolean includeStep;

  private StepExecutionResult(Outcome outcome, WorkerIdentity worker, boolean includeStep) {
    this.outcome = outcome;
    this.worker = worker;
    this.includeStep = includeStep;
  }

  /** The result of a completed step. */
  public static String of(Outcome.Completed outcome, WorkerIdentity worker) {
    return new StepExecutionResult(outcome, worker, true)
        .write(null, outcome.result().text(), false, null);
  }

  /** The result of a step that failed permanently, or whose attempts are used up. */
  public static String of(Outcome.Failed outcome, WorkerIdentity worker) {
    return new StepExecutionResult(outcome, worker, true)
        .write(outcome.error(), "{}", outcome.error().retryable(), null);
  }

  /** The result of a completed step, for readers that identify the step otherwise. */
  public static String withoutStep(Outcome.Completed outcome, WorkerIdentity worker) {
    return new StepExecutionResult(outcome, worker, false)
        .write(null, outcome.result().text(), false, null);
  }

  /**
   * The result of a failed attempt, for readers that identify the step otherwise.
   *
   * @param retryable whether there should be another attempt, as far as the worker can tell
   * @param retryAfter the earliest sensible time for it, or null
   */
  public static String withoutStep(
      Outcome outcome,
      StepError error,
      boolean retryable,
      @Nullable Duration retryAfter,
      WorkerIdentity worker) {
    return new StepExecutionResult(outcome, worker, false)
        .write(error, "{}", retryable, retryAfter);
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
    var text = new StringWriter();
    try (var json = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
      json.writeStartObject();
      json.writeStringProperty("status", "failed");
      error(json, error, error.retryable());
      json.writeObjectPropertyStart("metadata");
      json.writeStringProperty("error_code", error.code());
      json.writeEndObject();
      json.writeEndObject();
    }
    return text.toString();
  }

  private String write(
      @Nullable StepError error, String result, boolean retryable, @Nullable Duration retryAfter) {
    var text = new StringWriter(result.length() + 1500);
    try (var json = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
      json.writeStartObject();
      json.writeStringProperty("step_uuid", outcome.step().id().toString());
      json.writeBooleanProperty("success", error == null);
      json.writeName("result");
      json.writeRawValue(result);
      metadata(json, error, retryable);
      json.writeStringProperty("status", error == null ? "completed" : "failed");
      error(json, error, retryable);
      orchestration(json, retryAfter);
      json.writeEndObject();
    }
    return text.toString();
  }

  private void metadata(JsonGenerator json, @Nullable StepError error, boolean retryable) {
    var receipt = outcome.receipt();
    var duration = receipt.instantiation().plus(receipt.execution());
    var module = receipt.module();
    json.writeObjectPropertyStart("metadata");
    json.writeNumberProperty("execution_time_ms", duration.toMillis());
    json.writeStringProperty("handler_version", module == null ? null : module.version());
    json.writeBooleanProperty("retryable", retryable);
    json.writeStringProperty("completed_at", outcome.startedAt().plus(duration).toString());
    json.writeStringProperty("worker_id", worker.id());
    json.writeStringProperty("worker_hostname", worker.hostname());
    json.writeStringProperty("started_at", outcome.startedAt().toString());
    json.writeObjectPropertyStart("custom");
    if (includeStep) {
      step(json, outcome.step());
    }
    receipt(json, receipt);
    json.writeEndObject();
    json.writeStringProperty("error_code", error == null ? null : error.code());
    json.writeStringProperty("error_type", error == null ? null : error.type());
    json.writeName("context");
    json.writeRawValue(
        error == null || error.context() == null ? "{}" : error.context().document().text());
    json.writeEndObject();
  }

  private static void step(JsonGenerator json, Step step) {
    json.writeObjectPropertyStart("step");
    json.writeStringProperty("task_uuid", text(step.ids().task()));
    json.writeStringProperty("correlation_id", text(step.ids().correlation()));
    json.writeStringProperty("name", step.name());
    json.writeStringProperty("handler", step.handler().name());
    json.writeStringProperty("version", step.handler().selector());
    json.writeNumberProperty("attempt", step.attempt().number());
    json.writeNumberProperty("max_attempts", step.attempt().max());
    json.writeEndObject();
  }

  private static void receipt(JsonGenerator json, Receipt receipt) {
    var module = receipt.module();
    var engine = receipt.engine();
    json.writeObjectPropertyStart("receipt");
    json.writeStringProperty("handler", module == null ? null : module.handler());
    json.writeStringProperty("version", module == null ? null : module.version());
    json.writeStringProperty("digest", module == null ? null : "sha256:" + module.digest());
    json.writeStringProperty("engine", engine == null ? null : engine.name());
    json.writeStringProperty("engine_version", engine == null ? null : engine.version());
    json.writeNumberProperty("queue_wait_ns", nanos(receipt.queueWait()));
    json.writeNumberProperty("instantiation_ns", nanos(receipt.instantiation()));
    json.writeNumberProperty("execution_ns", nanos(receipt.execution()));
    json.writeNumberProperty("memory_high_water_bytes", receipt.memoryHighWaterBytes());
    json.writeNumberProperty("bytes_in", receipt.bytesIn());
    json.writeNumberProperty("bytes_out", receipt.bytesOut());
    json.writeNumberProperty("log_lines_dropped", receipt.logLinesDropped());
    json.writeObjectPropertyStart("host_calls");
    for (HostCallCount calls : receipt.hostCalls()) {
      json.writeObjectPropertyStart(calls.function());
      json.writeNumberProperty("allowed", calls.allowed());
      json.writeNumberProperty("denied", calls.denied());
      json.writeNumberProperty("failed", calls.failed());
      json.writeEndObject();
    }
    json.writeEndObject();
    grantUse(json, receipt.grantUse());
    json.writeEndObject();
  }

  private static void grantUse(JsonGenerator json, GrantUsage use) {
    for (var capability : use.used()) {
      json.writeObjectPropertyStart(capability.capability());
      capability.counts().forEach(json::writeNumberProperty);
      json.writeEndObject();
    }
    json.writeName("grants");
    if (use.grants() == null) {
      json.writeNull();
    } else {
      json.writeRawValue(use.grants().text());
    }
  }

  private static void error(JsonGenerator json, @Nullable StepError error, boolean retryable) {
    if (error == null) {
      json.writeNullProperty("error");
      return;
    }
    json.writeName("error");
    write(json, error, retryable);
  }

  /** The error object: of a result, and of a dead letter's {@code last_error}. */
  public static void write(JsonGenerator json, StepError error) {
    write(json, error, error.retryable());
  }

  private static void write(JsonGenerator json, StepError error, boolean retryable) {
    json.writeStartObject();
    json.writeStringProperty("message", error.message());
    json.writeStringProperty("error_type", error.type());
    json.writeName("backtrace");
    if (error.backtrace().isEmpty()) {
      json.writeNull();
    } else {
      json.writeStartArray();
      error.backtrace().forEach(json::writeString);
      json.writeEndArray();
    }
    json.writeBooleanProperty("retryable", retryable);
    if (error.context() != null) {
      json.writeName("context");
      json.writeRawValue(error.context().document().text());
    }
    json.writeEndObject();
  }

  private static void orchestration(JsonGenerator json, @Nullable Duration retryAfter) {
    json.writeObjectPropertyStart("orchestration_metadata");
    json.writeObjectPropertyStart("headers");
    if (retryAfter != null) {
      json.writeStringProperty("Retry-After", Long.toString(wholeSeconds(retryAfter)));
    }
    json.writeEndObject();
    json.writeNullProperty("error_context");
    json.writeNullProperty("backoff_hint");
    json.writeObjectPropertyStart("custom");
    json.writeEndObject();
    json.writeEndObject();
  }

  private static long wholeSeconds(Duration duration) {
    return duration.plusNanos(999_999_999).toSeconds();
  }

  private static long nanos(Duration duration) {
    return duration.toNanos();
  }

  private static @Nullable String text(@Nullable UUID id) {
    return id == null ? null : id.toString();
  }
}
