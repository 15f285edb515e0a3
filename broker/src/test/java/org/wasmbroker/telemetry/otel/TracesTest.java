package org.wasmbroker.telemetry.otel;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.trace.data.EventData;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Receipt;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepError;
import org.wasmbroker.step.StepIds;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.step.TraceContext;
import org.wasmbroker.telemetry.CallEvent;
import org.wasmbroker.telemetry.CurrentStep;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.StepEvent;
import org.wasmbroker.telemetry.Tracing;
import org.wasmbroker.telemetry.Tracing.HttpExchange;
import org.wasmbroker.telemetry.otel.TracesConfig.Batches;
import org.wasmbroker.telemetry.otel.TracesConfig.Sampling;
import org.wasmbroker.testing.Outcomes;

class TracesTest {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String SENDER = "00f067aa0ba902b7";
  private static final TraceContext SENT =
      TraceContext.read("00-" + TRACE + "-" + SENDER + "-01", "vendor=1");
  private static final UUID CORRELATION = UUID.fromString("01890a5d-ac96-774b-bcce-b302099a8057");

  private final HeldSpans held = new HeldSpans();

  @Test
  void aStepIsOneTraceFromItsSenderToItsResult() {
    try (var traces = traces(Sampling.DEFAULT)) {
      run(traces, step(SENT));
    }
    var receive = held.only("receive steps");
    var process = held.only("process steps");
    var execute = held.only("execute");
    var request = held.only("GET");
    var settle = held.only("settle steps");

    assertThat(receive.getKind()).isEqualTo(SpanKind.CONSUMER);
    assertThat(receive.getAttributes().get(Keys.BATCH)).isEqualTo(1);
    assertThat(receive.getLinks())
        .singleElement()
        .satisfies(link -> assertThat(link.getSpanContext().getSpanId()).isEqualTo(SENDER));
    assertThat(process.getTraceId()).isEqualTo(TRACE);
    assertThat(process.getParentSpanId()).isEqualTo(SENDER);
    assertThat(process.getKind()).isEqualTo(SpanKind.CONSUMER);
    assertThat(process.getLinks())
        .extracting(link -> link.getSpanContext().getSpanId())
        .containsExactly(receive.getSpanId(), SENDER);
    assertThat(
            List.of(
                held.only("resolve").getParentSpanId(),
                held.only("instantiate").getParentSpanId(),
                execute.getParentSpanId(),
                settle.getParentSpanId()))
        .containsOnly(process.getSpanId());
    assertThat(request.getParentSpanId()).isEqualTo(execute.getSpanId());
    assertThat(settle.getKind()).isEqualTo(SpanKind.CLIENT);
    assertThat(held.all()).allMatch(SpanData::hasEnded).hasSize(7);
  }

  @Test
  void spansTellWhatTheConventionsAskForAndWhatTheReceiptHas() {
    try (var traces = traces(Sampling.DEFAULT)) {
      run(traces, step(SENT));
    }
    var process = held.only("process steps").getAttributes();
    assertThat(process.get(Keys.SYSTEM)).isEqualTo("pgmq");
    assertThat(process.get(Keys.DESTINATION)).isEqualTo("steps");
    assertThat(process.get(Keys.OPERATION_TYPE)).isEqualTo("process");
    assertThat(process.get(Keys.CONVERSATION)).isEqualTo(CORRELATION.toString());
    assertThat(process.get(Keys.HANDLER)).isEqualTo("transform");
    assertThat(process.get(Keys.DIGEST)).startsWith("sha256:");
    assertThat(process.get(Keys.OUTCOME)).isEqualTo("completed");
    var request = held.only("GET");
    assertThat(request.getKind()).isEqualTo(SpanKind.CLIENT);
    assertThat(request.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
    assertThat(request.getAttributes().get(Keys.HTTP_STATUS)).isEqualTo(503);
    assertThat(request.getAttributes().get(Keys.ERROR_TYPE)).isEqualTo("503");
    assertThat(request.getAttributes().get(Keys.SERVER)).isEqualTo("shop.example");
    assertThat(request.getAttributes().get(Keys.PORT)).isEqualTo(443);
    assertThat(request.getAttributes().get(Keys.URL)).isEqualTo("https://shop.example/a?REDACTED");
    assertThat(held.only("execute").getEvents())
        .extracting(EventData::getName)
        .containsExactly("log", "limit exceeded", "http refused");
  }

  @Test
  void aCalledStepIsASpanOfAServerInTheTraceOfItsCaller() {
    try (var traces = traces(Sampling.DEFAULT, new StepSource.Calls())) {
      traces.tracing().begin(step(SENT, null), WAIT).end(null);
    }
    var call = held.only("tools/call transform");
    assertThat(call.getKind()).isEqualTo(SpanKind.SERVER);
    assertThat(call.getTraceId()).isEqualTo(TRACE);
    assertThat(call.getParentSpanId()).isEqualTo(SENDER);
    assertThat(call.getLinks()).isEmpty();
    assertThat(call.getAttributes().get(Keys.MCP_METHOD)).isEqualTo("tools/call");
    assertThat(call.getAttributes().get(Keys.GEN_AI_TOOL)).isEqualTo("transform");
    assertThat(call.getAttributes().get(Keys.SYSTEM)).as("of a queue").isNull();
    assertThat(call.getAttributes().get(Keys.OUTCOME)).isEqualTo("stopped");
  }

  @Test
  void theStepsContextGoesOnWithTheBrokersSpan() {
    Sent sent;
    try (var traces = traces(Sampling.DEFAULT)) {
      sent = run(traces, step(SENT));
    }
    assertThat(sent.result().traceId()).isEqualTo(TRACE);
    assertThat(sent.result().tracestate()).isEqualTo("vendor=1");
    assertThat(sent.result().spanId()).isEqualTo(held.only("process steps").getSpanId());
    assertThat(sent.request().traceId()).isEqualTo(TRACE);
    assertThat(sent.request().spanId()).isEqualTo(held.only("GET").getSpanId());
  }

  @Test
  void aStepThatCameWithoutAContextIsPartOfTheTraceOfItsCorrelation() {
    try (var traces = traces(Sampling.DEFAULT)) {
      run(traces, step(TraceContext.NONE));
      run(traces, step(TraceContext.NONE));
    }
    assertThat(held.all().stream().filter(span -> span.getName().startsWith("process")))
        .hasSize(2)
        .allMatch(span -> span.getTraceId().equals("01890a5dac96774bbcceb302099a8057"))
        .allMatch(span -> !span.getParentSpanContext().isValid());
    assertThat(held.all().stream().filter(span -> span.getName().startsWith("receive")))
        .noneMatch(span -> span.getTraceId().equals("01890a5dac96774bbcceb302099a8057"));
  }

  @Test
  void whatTheSenderDoesNotRecordIsNotRecordedButPassedOn() {
    var unsampled = TraceContext.read("00-" + TRACE + "-" + SENDER + "-00", null);
    try (var traces = traces(Sampling.DEFAULT)) {
      var run = run(traces, step(unsampled));
      assertThat(run.result().traceId()).isEqualTo(TRACE);
      assertThat(run.result().isSampled()).isFalse();
      assertThat(run.request().traceId()).isEqualTo(TRACE);
      assertThat(run.request().isSampled()).isFalse();
    }
    assertThat(held.all()).noneMatch(span -> span.getTraceId().equals(TRACE));
  }

  @Test
  void aShareOfTheTracesIsRecordedAlsoOfThoseWhoseIdsAreCorrelations() {
    try (var traces = traces(new Sampling("parentbased_traceidratio", true, 0.1))) {
      for (int i = 0; i < 2000; i++) {
        var trace = traces.tracing().begin(step(TraceContext.NONE, UUID.randomUUID()), WAIT);
        trace.end(null);
      }
    }
    assertThat(held.all().stream().filter(span -> span.getName().startsWith("process")).count())
        .isBetween(100L, 320L);
  }

  @Test
  void textOfOthersIsCutAndCleared() {
    try (var traces = traces(Sampling.DEFAULT)) {
      var step = step(SENT);
      var trace = traces.tracing().begin(step, WAIT);
      trace.resolved(null);
      trace.logged("info", "\u001b[31m" + "x".repeat(10_000));
      var error = StepError.permanent("t\n".repeat(1000), "m\n" + "y".repeat(10_000));
      trace.end(new Outcome.Failed(trace.of(step), error, false, NOW, Receipt.none(WAIT)));
    }
    var process = held.only("process steps");
    assertThat(process.getStatus().getDescription()).hasSizeLessThan(520).doesNotContain("\n");
    assertThat(process.getAttributes().get(Keys.ERROR_TYPE))
        .hasSizeLessThan(130)
        .doesNotContain("\n");
    assertThat(process.getEvents())
        .singleElement()
        .satisfies(
            event ->
                assertThat(event.getAttributes().get(Keys.LOG_MESSAGE))
                    .hasSizeLessThan(520)
                    .doesNotContain("\u001b"));
  }

  @Test
  void eventsAreBoundedAndTheRestIsCounted() {
    try (var traces = traces(Sampling.DEFAULT)) {
      var step = step(SENT);
      var trace = traces.tracing().begin(step, WAIT);
      for (int i = 0; i < 1000; i++) {
        trace.logged("info", "again");
        traces.events().on(new StepEvent.LimitExceeded(step, "log"));
      }
      trace.end(null);
    }
    assertThat(held.all().stream().mapToInt(SpanData::getTotalRecordedEvents).sum())
        .isEqualTo(32 + 64);
    assertThat(held.only("process steps").getAttributes().get(Keys.EVENTS_DROPPED))
        .isEqualTo(2000 - 32 - 64);
    assertThat(held.only("process steps").getAttributes().get(Keys.OUTCOME)).isEqualTo("stopped");
  }

  @Test
  void withoutTracesNothingIsMade() {
    try (var traces =
        Traces.start(
            TracesConfig.OFF,
            "1",
            "id",
            new StepSource.Queue("steps"),
            TimeSource.SYSTEM,
            EventSink.NONE)) {
      var step = step(SENT);
      var steps = List.of(step);
      assertThat(traces.tracing().received(steps, NOW)).isSameAs(steps);
      assertThat(traces.tracing().begin(step, WAIT).of(step)).isSameAs(step);
    }
  }

  @Test
  void withoutTracesAStepAllocatesNothingForThem() {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    var step = step(SENT);
    var steps = List.of(step);
    var receipt = Receipt.none(WAIT);
    for (int i = 0; i < 10_000; i++) { // so that the loop below is compiled or not, but loaded
      untraced(step, steps, receipt);
    }
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < 100_000; i++) {
      untraced(step, steps, receipt);
    }
    assertThat(threads.getCurrentThreadAllocatedBytes() - before)
        .as("bytes of 100,000 steps")
        .isLessThan(100_000);
  }

  private static void untraced(Step step, List<Step> steps, Receipt receipt) {
    var off = Tracing.OFF;
    var received = off.received(steps, NOW);
    var trace = off.begin(received.getFirst(), WAIT);
    var traced = trace.of(step);
    CurrentStep.enter(traced);
    trace.resolved(null);
    trace.runStarts();
    trace.instantiated();
    trace.runEnds(receipt);
    trace.end(null);
    CurrentStep.leave();
  }

  private static final Duration WAIT = Duration.ofMillis(3);
  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

  /** The contexts that a run sent. */
  private record Sent(TraceContext request, TraceContext result) {}

  private static Sent run(Traces traces, Step claimed) {
    var tracing = traces.tracing();
    var step = tracing.received(List.of(claimed), NOW).getFirst();
    var trace = tracing.begin(step, WAIT);
    var traced = trace.of(step);
    var module = Outcomes.module("transform");
    trace.resolved(module);
    trace.runStarts();
    trace.instantiated();
    trace.logged("info", "hello");
    traces.events().on(new StepEvent.LimitExceeded(traced, "log"));
    traces.events().on(new CallEvent.HttpRefused(traced, module, "not_allowed", "destination"));
    var exchange =
        new HttpExchange(
            "GET", "https", "shop.example", 443, "https://shop.example/a?REDACTED", "r", 0);
    var request = tracing.http(traced, exchange);
    var sent = request.context(traced.trace());
    request.answered(503);
    request.ended("", 10, 20);
    request.ended("late", 0, 0);
    trace.runEnds(Receipt.none(WAIT));
    var outcome = new Outcome.Completed(traced, Document.EMPTY, NOW, Receipt.none(WAIT));
    trace.end(outcome);
    tracing.settled(outcome, WAIT, 1, false);
    return new Sent(sent, traced.trace());
  }

  private Traces traces(Sampling sampling) {
    return traces(sampling, new StepSource.Queue("steps"));
  }

  private Traces traces(Sampling sampling, StepSource source) {
    var config =
        new TracesConfig(
            null,
            sampling,
            new Batches(WAIT, Duration.ofMinutes(1), 10_000, 512),
            java.util.Map.of(),
            32,
            Duration.ofSeconds(10));
    return Traces.start(config, held, "1", "id", source, TimeSource.SYSTEM, EventSink.NONE);
  }

  private static Step step(TraceContext context) {
    return step(context, CORRELATION);
  }

  private static Step step(TraceContext context, @Nullable UUID correlation) {
    var any = Outcomes.step("transform");
    return new Step(
        new StepIds(any.id(), null, correlation),
        any.name(),
        any.handler(),
        any.attempt(),
        any.timeout(),
        any.document(),
        any.claim(),
        any.readyAt(),
        context);
  }
}
