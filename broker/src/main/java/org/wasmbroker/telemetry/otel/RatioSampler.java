package org.wasmbroker.telemetry.otel;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.opentelemetry.sdk.trace.samplers.SamplingResult;
import java.util.List;

/**
 * Records a share of the traces, by the last 56 bits of their ids: those that W3C Trace Context
 * wants to be random. The SDK's own sampler looks at 64 bits, of which two are fixed in an id that
 * is a UUID, so that it would record none of those below a ratio of one half.
 */
record RatioSampler(double ratio) implements Sampler {
  private static final int DIGITS = 14;
  private static final long RANGE = 1L << 56;

  @Override
  public SamplingResult shouldSample(
      Context parent,
      String traceId,
      String name,
      SpanKind kind,
      Attributes attributes,
      List<LinkData> links) {
    long random = Long.parseLong(traceId, traceId.length() - DIGITS, traceId.length(), 16);
    return random < (long) (ratio * (double) RANGE)
        ? SamplingResult.recordAndSample()
        : SamplingResult.drop();
  }

  @Override
  public String getDescription() {
    return "RatioSampler{" + ratio + "}";
  }
}
