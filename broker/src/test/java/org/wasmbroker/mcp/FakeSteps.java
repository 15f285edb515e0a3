package org.wasmbroker.mcp;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.execution.StepInvoker;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Receipt;
import org.wasmbroker.step.StepError;
import org.wasmbroker.step.TraceContext;

/** Steps whose outcomes the test decides; those of the handler {@code gate} run until cancelled. */
final class FakeSteps implements StepCalls {
  private final List<String> documents = Collections.synchronizedList(new ArrayList<>());
  private final List<TraceContext> traces = Collections.synchronizedList(new ArrayList<>());
  private volatile String result = "{}";
  private volatile @Nullable StepError error;
  private volatile List<String> lines = List.of();

  @Override
  public CompletableFuture<@Nullable Outcome> start(
      HandlerRef handler,
      Document document,
      TraceContext trace,
      Cancellation cancellation,
      GuestLog log) {
    documents.add(document.text());
    traces.add(trace);
    var step = StepInvoker.newStep(handler, document);
    var receipt = Receipt.none(Duration.ZERO);
    if (handler.name().equals("gate")) {
      return CompletableFuture.supplyAsync(
          () -> {
            while (cancellation.reason() == null) {
              cancellation.await(Duration.ofMinutes(1).toNanos());
            }
            return null;
          },
          task -> Thread.ofVirtual().start(task));
    }
    log.instantiated();
    lines.forEach(line -> log.line(GuestLog.Level.INFO, line, "{\"n\":1}"));
    var failure = error;
    return CompletableFuture.completedFuture(
        failure == null
            ? new Outcome.Completed(step, Document.of(result), Instant.EPOCH, receipt)
            : new Outcome.Failed(step, failure, false, Instant.EPOCH, receipt));
  }

  void completeWith(String json) {
    result = json;
    error = null;
  }

  void failWith(StepError failure) {
    error = failure;
  }

  void logBefore(String... messages) {
    lines = List.of(messages);
  }

  /** The step documents so far. */
  List<String> documents() {
    return List.copyOf(documents);
  }

  /** The trace contexts that came with them. */
  List<TraceContext> traces() {
    return List.copyOf(traces);
  }
}
