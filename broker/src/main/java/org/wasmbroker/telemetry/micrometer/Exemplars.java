package org.wasmbroker.telemetry.micrometer;

import io.prometheus.metrics.tracer.common.SpanContext;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.TraceContext;

/**
 * The trace of what is being measured, from which the registry makes an exemplar now and then. Set
 * around the updates for a step, on its thread; steps without a trace cost nothing.
 */
final class Exemplars implements SpanContext {
  private static final ThreadLocal<@Nullable TraceContext> CURRENT = new ThreadLocal<>();

  /** Runs the update as one of that trace. */
  void during(TraceContext trace, Runnable update) {
    CURRENT.set(trace);
    try {
      update.run();
    } finally {
      CURRENT.remove();
    }
  }

  @Override
  public @Nullable String getCurrentTraceId() {
    var trace = CURRENT.get();
    return trace == null ? null : trace.traceId();
  }

  @Override
  public @Nullable String getCurrentSpanId() {
    var trace = CURRENT.get();
    return trace == null ? null : trace.spanId();
  }

  @Override
  public boolean isCurrentSpanSampled() {
    var trace = CURRENT.get();
    return trace != null && trace.isSampled();
  }

  @Override
  public void markCurrentSpanAsExemplar() {
    // which spans are kept is decided elsewhere
  }
}
