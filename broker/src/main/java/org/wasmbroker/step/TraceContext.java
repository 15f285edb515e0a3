package org.wasmbroker.step;

import org.jspecify.annotations.Nullable;

/**
 * The W3C trace context that came with a step, as sent.
 *
 * @param traceparent header {@code traceparent}, or null when there was none
 * @param tracestate header {@code tracestate}, or null when there was none
 */
public record TraceContext(@Nullable String traceparent, @Nullable String tracestate) {
  public static final TraceContext NONE = new TraceContext(null, null);
}
