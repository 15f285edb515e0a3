package org.wasmbroker.telemetry.otel;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.TraceContext;

/** Contexts between their two forms. */
final class SpanContexts {
  private static final TextMapGetter<TraceContext> HEADERS =
      new TextMapGetter<>() {
        @Override
        public @Nullable String get(@Nullable TraceContext context, String name) {
          return context == null
              ? null
              : switch (name) {
                case "traceparent" -> context.traceparent();
                case "tracestate" -> context.tracestate();
                default -> null;
              };
        }
      };

  private SpanContexts() {}

  /** Not valid if there is none. */
  static SpanContext of(TraceContext context) {
    return context.traceparent() == null
        ? SpanContext.getInvalid()
        : Span.fromContext(
                W3CTraceContextPropagator.getInstance().extract(Context.root(), context, HEADERS))
            .getSpanContext();
  }

  /** The context that encloses a new span; the root if it is not valid. */
  static Context parent(SpanContext span) {
    return span.isValid() ? Context.root().with(Span.wrap(span)) : Context.root();
  }

  static String traceparent(SpanContext span) {
    return "00-" + span.getTraceId() + "-" + span.getSpanId() + "-" + span.getTraceFlags().asHex();
  }
}
