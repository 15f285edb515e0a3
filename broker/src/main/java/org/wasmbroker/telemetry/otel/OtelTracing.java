package org.wasmbroker.telemetry.otel;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.concurrent.OutageLog;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.SafeText;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.telemetry.BrokerEvent;
import org.wasmbroker.telemetry.CallEvent;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.HttpTrace;
import org.wasmbroker.telemetry.StepEvent;
import org.wasmbroker.telemetry.StepTrace;
import org.wasmbroker.telemetry.Tracing;

/**
 * The spans of steps: {@code receive} for a claim, {@code process} for a run with what is in it,
 * {@code settle} for the writing of its outcome; of a called step, {@code tools/call} for its run.
 * What the stages report as events while a step runs becomes events of its span. A fault in here is
 * logged, and harms no step.
 */
final class OtelTracing implements Tracing, EventSink {
  private static final Logger log = LoggerFactory.getLogger(OtelTracing.class);
  private static final int MAX_LINKS = 128;
  private static final int MAX_TOOL = 128;
  private static final String TOOL_CALL = "tools/call";

  /** What the calling thread runs, if that is recorded. */
  private static final ThreadLocal<@Nullable SampledTrace> CURRENT = new ThreadLocal<>();

  private final Tracer tracer;
  private final TraceIds ids;
  private final TimeSource time;
  private final StepSource source;
  private final int guestLines;
  private final OutageLog faults =
      new OutageLog(log, "traces are incomplete", "traces are complete again");

  /**
   * @param source where steps come from
   * @param guestLines how many lines of a guest become events of its step's spans
   */
  OtelTracing(Tracer tracer, TraceIds ids, TimeSource time, StepSource source, int guestLines) {
    this.tracer = tracer;
    this.ids = ids;
    this.time = time;
    this.source = source;
    this.guestLines = guestLines;
  }

  @Override
  public boolean isOn() {
    return true;
  }

  @Override
  public List<Step> received(List<Step> steps, Instant from) {
    if (steps.isEmpty()) {
      return steps;
    }
    try {
      var span = receiveSpan(steps, from);
      span.end(time.now());
      if (!span.getSpanContext().isSampled()) {
        return steps;
      }
      var text = SpanContexts.traceparent(span.getSpanContext());
      return steps.stream().map(step -> step.withTrace(step.trace().receivedBy(text))).toList();
    } catch (RuntimeException | LinkageError fault) {
      faults.failed(OutageLog.Severity.UNEXPECTED, fault);
      return steps;
    }
  }

  private Span receiveSpan(List<Step> steps, Instant from) {
    var span =
        messaging("receive", "receive", SpanKind.CONSUMER)
            .setNoParent()
            .setStartTimestamp(from)
            .setAttribute(Keys.BATCH, (long) steps.size());
    steps.stream()
        .map(step -> SpanContexts.of(step.trace()))
        .filter(SpanContext::isValid)
        .limit(MAX_LINKS)
        .forEach(span::addLink);
    return span.startSpan();
  }

  private SpanBuilder messaging(String operation, String type, SpanKind kind) {
    var destination = source instanceof StepSource.Queue(var queue) ? queue : null;
    var span =
        tracer
            .spanBuilder(destination == null ? operation : operation + " " + destination)
            .setSpanKind(kind)
            .setAttribute(Keys.SYSTEM, "pgmq")
            .setAttribute(Keys.OPERATION, operation)
            .setAttribute(Keys.OPERATION_TYPE, type);
    return destination == null ? span : span.setAttribute(Keys.DESTINATION, destination);
  }

  /** The span of a tool's call as a server sees it. */
  private SpanBuilder toolCall(Step step) {
    var tool = SafeText.sanitize(step.handler().name(), MAX_TOOL);
    return tracer
        .spanBuilder(TOOL_CALL + " " + tool)
        .setSpanKind(SpanKind.SERVER)
        .setAttribute(Keys.MCP_METHOD, TOOL_CALL)
        .setAttribute(Keys.GEN_AI_OPERATION, "execute_tool")
        .setAttribute(Keys.GEN_AI_TOOL, tool);
  }

  @Override
  public StepTrace begin(Step step, Duration queueWait) {
    try {
      var span = processSpan(step);
      var context = span.getSpanContext();
      var carried = step.trace().with(SpanContexts.traceparent(context));
      if (!span.isRecording()) {
        return new StepTrace.NoStepTrace(carried);
      }
      var trace = new SampledTrace(tracer, span, carried, guestLines, () -> CURRENT.set(null));
      trace.describe(step, queueWait);
      CURRENT.set(trace);
      return trace;
    } catch (RuntimeException | LinkageError fault) {
      faults.failed(OutageLog.Severity.UNEXPECTED, fault);
      return StepTrace.NONE;
    }
  }

  private Span processSpan(Step step) {
    var sender = SpanContexts.of(step.trace());
    var span =
        switch (source) {
          case StepSource.Queue _ -> messaging("process", "process", SpanKind.CONSUMER);
          case StepSource.Calls _ -> toolCall(step);
        };
    span.setParent(SpanContexts.parent(sender));
    var claim = SpanContexts.of(step.trace().claim());
    if (claim.isValid()) {
      span.addLink(claim);
    }
    if (!sender.isValid()) {
      ids.nextIsOf(step.ids().correlation());
    } else if (source instanceof StepSource.Queue) {
      span.addLink(sender);
    }
    return span.startSpan();
  }

  @Override
  public HttpTrace http(Step step, HttpExchange exchange) {
    var trace = CURRENT.get();
    if (trace == null) {
      return HttpTrace.NONE; // the step is not sampled: its own context goes on
    }
    try {
      return trace.http(exchange);
    } catch (RuntimeException | LinkageError fault) {
      faults.failed(OutageLog.Severity.UNEXPECTED, fault);
      return HttpTrace.NONE;
    }
  }

  @Override
  public void settled(Outcome outcome, Duration waited, int batch, boolean late) {
    var context = outcome.step().trace();
    if (!context.isSampled()) {
      return;
    }
    try {
      var now = time.now();
      var span =
          messaging("settle", "settle", SpanKind.CLIENT)
              .setParent(SpanContexts.parent(SpanContexts.of(context)))
              .setStartTimestamp(now.minus(waited))
              .setAttribute(Keys.BATCH, (long) batch)
              .setAttribute(Keys.STEP, outcome.step().id().toString())
              .setAttribute(Keys.OUTCOME, SampledTrace.name(outcome))
              .startSpan();
      if (late) {
        span.setAttribute(Keys.LATE, true);
        span.setStatus(StatusCode.ERROR, "another claim owned the step by then");
      }
      span.end(now);
    } catch (RuntimeException | LinkageError fault) {
      faults.failed(OutageLog.Severity.UNEXPECTED, fault);
    }
  }

  @Override
  public void on(BrokerEvent event) {
    if (!(event instanceof StepEvent ofStep)) {
      return;
    }
    var trace = CURRENT.get();
    if (trace == null) {
      return;
    }
    switch (ofStep) {
      case StepEvent.LimitExceeded(_, String limit) ->
          trace.event("limit exceeded", Attributes.of(Keys.LIMIT, limit));
      case StepEvent.CheckpointSaved(_, long items) ->
          trace.event("checkpoint saved", Attributes.of(Keys.ITEMS, items));
      case CallEvent.HttpRefused(_, _, String error, String reason) ->
          trace.event("http refused", Attributes.of(Keys.ERROR_TYPE, error, Keys.REASON, reason));
      case CallEvent.SecretUsed(_, _, String use, String answer) ->
          trace.event("secret", Attributes.of(Keys.USE, use, Keys.OUTCOME, answer));
      case CallEvent.HttpAudited(_, _, String rule) ->
          trace.event("http audited", Attributes.of(Keys.RULE, rule));
      case StepEvent.Started _,
          StepEvent.LeaseLost _,
          StepEvent.Ended _,
          StepEvent.OutcomeLate _,
          StepEvent.OutcomeDropped _,
          CallEvent.HttpCompleted _,
          CallEvent.CacheUsed _,
          CallEvent.FilesUsed _ -> {}
    }
  }
}
