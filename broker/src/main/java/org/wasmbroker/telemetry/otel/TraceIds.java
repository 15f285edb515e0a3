package org.wasmbroker.telemetry.otel;

import io.opentelemetry.api.trace.TraceId;
import io.opentelemetry.sdk.trace.IdGenerator;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Random ids, and for a step that came without a trace the id of its correlation: all steps of a
 * correlation are one trace, whichever broker runs them, and whoever has one id can look up the
 * other. Thread-safe.
 */
final class TraceIds implements IdGenerator {
  private static final IdGenerator RANDOM = IdGenerator.random();

  private static final ThreadLocal<@Nullable String> NEXT = new ThreadLocal<>();

  /** The next trace that the calling thread begins is that of the correlation, if there is one. */
  void nextIsOf(@Nullable UUID correlation) {
    if (correlation != null) {
      var id =
          TraceId.fromLongs(
              correlation.getMostSignificantBits(), correlation.getLeastSignificantBits());
      NEXT.set(TraceId.isValid(id) ? id : null);
    }
  }

  @Override
  public String generateTraceId() {
    var planned = NEXT.get();
    if (planned == null) {
      return RANDOM.generateTraceId();
    }
    NEXT.set(null);
    return planned;
  }

  @Override
  public String generateSpanId() {
    return RANDOM.generateSpanId();
  }
}
