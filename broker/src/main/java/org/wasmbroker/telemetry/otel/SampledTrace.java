package org.wasmbroker.telemetry.otel;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.HostCallCount;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Receipt;
import org.wasmbroker.step.SafeText;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepError;
import org.wasmbroker.step.TraceContext;
import org.wasmbroker.telemetry.HttpTrace;
import org.wasmbroker.telemetry.StepTrace;
import org.wasmbroker.telemetry.Tracing.HttpExchange;

/**
 * The spans of one run of a step: {@code process}, and in it one after the other {@code resolve},
 * {@code instantiate}, {@code execute}. Text of others is sanitized and cut. Used by the step's
 * thread.
 */
final class SampledTrace implements StepTrace {
  private static final int MAX_TEXT = 128;
  private static final int MAX_MESSAGE = 512;
  private static final int MAX_URL = 512;
  private static final int MAX_EVENTS = 64;

  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH");

  private final Tracer tracer;
  private final Span process;
  private final TraceContext context;
  private final Runnable onEnd;
  private @Nullable Span part;
  private int linesLeft;
  private int eventsLeft = MAX_EVENTS;
  private long dropped;

  SampledTrace(Tracer tracer, Span process, TraceContext context, int guestLines, Runnable onEnd) {
    this.tracer = tracer;
    this.process = process;
    this.context = context;
    this.linesLeft = guestLines;
    this.onEnd = onEnd;
  }

  /** Begins with the search for the module. */
  void describe(Step step, Duration queueWait) {
    var ids = step.ids();
    process.setAttribute(Keys.STEP, ids.step().toString());
    setIfPresent(Keys.TASK, ids.task());
    setIfPresent(Keys.CONVERSATION, ids.correlation());
    setIfPresent(Keys.MESSAGE, step.claim().messageId());
    process.setAttribute(Keys.STEP_NAME, text(step.name()));
    process.setAttribute(Keys.HANDLER, text(step.handler().name()));
    process.setAttribute(Keys.ATTEMPT, (long) step.attempt().number());
    process.setAttribute(Keys.MAX_ATTEMPTS, (long) step.attempt().max());
    process.setAttribute(Keys.QUEUE_WAIT, (double) queueWait.toNanos() / 1e9);
    next("resolve");
  }

  private void setIfPresent(AttributeKey<String> key, @Nullable Object value) {
    if (value != null) {
      process.setAttribute(key, value.toString());
    }
  }

  private static String text(String untrusted) {
    return SafeText.sanitize(untrusted, MAX_TEXT);
  }

  @Override
  public Step of(Step step) {
    return step.withTrace(context);
  }

  @Override
  public void resolved(@Nullable ModuleId module) {
    if (module != null) {
      process.setAttribute(Keys.HANDLER, text(module.handler()));
      process.setAttribute(Keys.VERSION, text(module.version()));
      process.setAttribute(Keys.DIGEST, "sha256:" + module.digest());
    } else if (part != null) {
      part.setStatus(StatusCode.ERROR);
    }
    endPart();
  }

  @Override
  public void runStarts() {
    next("instantiate");
  }

  @Override
  public void instantiated() {
    next("execute");
  }

  private void next(String name) {
    endPart();
    part = tracer.spanBuilder(name).setParent(Context.root().with(process)).startSpan();
  }

  private void endPart() {
    if (part != null) {
      part.end();
      part = null;
    }
  }

  private Span innermost() {
    return part == null ? process : part;
  }

  @Override
  public void logged(String level, String message) {
    if (linesLeft > 0) {
      linesLeft--;
      innermost()
          .addEvent(
              "log",
              Attributes.of(
                  Keys.LOG_LEVEL,
                  level,
                  Keys.LOG_MESSAGE,
                  SafeText.sanitize(message, MAX_MESSAGE)));
    } else {
      dropped++;
    }
  }

  /** Something happened to the step. */
  void event(String name, Attributes attributes) {
    if (eventsLeft > 0) {
      eventsLeft--;
      innermost().addEvent(name, attributes);
    } else {
      dropped++;
    }
  }

  HttpTrace http(HttpExchange exchange) {
    boolean known = METHODS.contains(exchange.method());
    var span =
        tracer
            .spanBuilder(known ? exchange.method() : "HTTP")
            .setParent(Context.root().with(innermost()))
            .setSpanKind(SpanKind.CLIENT)
            .setAttribute(Keys.HTTP_METHOD, known ? exchange.method() : "_OTHER")
            .setAttribute(Keys.SERVER, text(exchange.host()))
            .setAttribute(Keys.PORT, (long) exchange.port())
            .setAttribute(Keys.SCHEME, exchange.scheme())
            .setAttribute(Keys.URL, SafeText.sanitize(exchange.url(), MAX_URL))
            .setAttribute(Keys.RULE, exchange.rule());
    if (!known) {
      span.setAttribute(Keys.HTTP_METHOD_ORIGINAL, text(exchange.method()));
    }
    if (exchange.redirects() > 0) {
      span.setAttribute(Keys.HTTP_RESENDS, (long) exchange.redirects());
    }
    return new SpanOfRequest(span.startSpan());
  }

  @Override
  public void runEnds(Receipt receipt) {
    var span = innermost();
    span.setAttribute(Keys.MEMORY, receipt.memoryHighWaterBytes());
    span.setAttribute(Keys.BYTES_IN, receipt.bytesIn());
    span.setAttribute(Keys.BYTES_OUT, receipt.bytesOut());
    span.setAttribute(
        Keys.HOST_CALLS, receipt.hostCalls().stream().mapToLong(HostCallCount::total).sum());
    if (receipt.engine() != null) {
      span.setAttribute(Keys.ENGINE, receipt.engine().toString());
    }
    endPart();
  }

  @Override
  public void end(@Nullable Outcome outcome) {
    endPart();
    if (dropped > 0) {
      process.setAttribute(Keys.EVENTS_DROPPED, dropped);
    }
    switch (outcome) {
      case null -> process.setAttribute(Keys.OUTCOME, "stopped");
      case Outcome.Completed _ -> process.setAttribute(Keys.OUTCOME, name(outcome));
      case Outcome.Failed failed -> failed(outcome, failed.error());
      case Outcome.Retry retry -> failed(outcome, retry.error());
    }
    process.end();
    onEnd.run();
  }

  private void failed(Outcome outcome, StepError error) {
    process.setAttribute(Keys.OUTCOME, name(outcome));
    process.setAttribute(Keys.ERROR_TYPE, text(error.type()));
    process.setStatus(StatusCode.ERROR, SafeText.sanitize(error.message(), MAX_MESSAGE));
  }

  /** As metrics call it. */
  static String name(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Completed _ -> "completed";
      case Outcome.Failed failed -> failed.exhausted() ? "exhausted" : "failed";
      case Outcome.Retry _ -> "retry";
    };
  }
}
