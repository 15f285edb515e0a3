package org.wasmbroker.telemetry.otel;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** Keeps what is exported, and answers as it is told to. */
final class HeldSpans implements SpanExporter {
  final AtomicInteger exports = new AtomicInteger();
  private final List<SpanData> spans = new CopyOnWriteArrayList<>();
  private volatile Supplier<CompletableResultCode> answer = CompletableResultCode::ofSuccess;

  void answer(Supplier<CompletableResultCode> next) {
    answer = next;
  }

  List<SpanData> all() {
    return List.copyOf(spans);
  }

  SpanData only(String name) {
    var found = spans.stream().filter(span -> span.getName().equals(name)).toList();
    if (found.size() != 1) {
      throw new AssertionError(found.size() + " spans " + name + " in " + spans);
    }
    return found.getFirst();
  }

  @Override
  public CompletableResultCode export(Collection<SpanData> batch) {
    exports.incrementAndGet();
    var result = answer.get();
    if (result.isSuccess()) {
      spans.addAll(batch);
    }
    return result;
  }

  @Override
  public CompletableResultCode flush() {
    return CompletableResultCode.ofSuccess();
  }

  @Override
  public CompletableResultCode shutdown() {
    return CompletableResultCode.ofSuccess();
  }
}
