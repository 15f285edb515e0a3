package org.wasmbroker.telemetry.otel;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import org.wasmbroker.step.TraceContext;
import org.wasmbroker.telemetry.HttpTrace;

/** The span of one request of a guest, as the conventions for HTTP clients have it. */
final class SpanOfRequest implements HttpTrace {
  private static final int FIRST_ERROR = 400;

  private final Span span;
  private boolean ended;

  SpanOfRequest(Span span) {
    this.span = span;
  }

  @Override
  public TraceContext context(TraceContext step) {
    return step.with(SpanContexts.traceparent(span.getSpanContext()));
  }

  @Override
  public void answered(int status) {
    span.setAttribute(Keys.HTTP_STATUS, (long) status);
    if (status >= FIRST_ERROR) {
      span.setAttribute(Keys.ERROR_TYPE, Integer.toString(status));
      span.setStatus(StatusCode.ERROR);
    }
  }

  @Override
  public void ended(String failureType, long sentBytes, long receivedBytes) {
    if (ended) {
      return;
    }
    ended = true;
    if (!failureType.isEmpty()) {
      span.setAttribute(Keys.ERROR_TYPE, failureType);
      span.setStatus(StatusCode.ERROR);
    }
    span.setAttribute(Keys.HTTP_SENT, sentBytes);
    span.setAttribute(Keys.HTTP_RECEIVED, receivedBytes);
    span.end();
  }
}
