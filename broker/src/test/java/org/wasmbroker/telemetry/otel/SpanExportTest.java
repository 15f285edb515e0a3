package org.wasmbroker.telemetry.otel;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.telemetry.BrokerEvent;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.TraceEvent;
import org.wasmbroker.telemetry.otel.TracesConfig.Batches;
import org.wasmbroker.testing.CapturedLog;

class SpanExportTest implements EventSink {
  private static final Duration LONG = Duration.ofMinutes(10);

  private final HeldSpans held = new HeldSpans();
  private final AtomicInteger exported = new AtomicInteger();
  private final AtomicInteger failed = new AtomicInteger();
  private final AtomicInteger dropped = new AtomicInteger();

  @Test
  void whatDoesNotFitTheQueueIsDroppedAndCounted() {
    var export = export(LONG, Duration.ofMinutes(1)); // never started: nothing leaves the queue
    var tracer = tracer(export);
    for (int i = 0; i < 25; i++) {
      tracer.spanBuilder("s").startSpan().end();
    }
    assertThat(dropped).hasValue(15);
    export.shutdown();
    assertThat(exported).hasValue(10);
    assertThat(held.all()).hasSize(10);
  }

  @Test
  void aCollectorThatIsGoneIsToldOnceAndSoIsItsReturn() {
    held.answer(() -> CompletableResultCode.ofExceptionalFailure(new IOException("refused")));
    var export = export(LONG, Duration.ofMinutes(1));
    try (var log = CapturedLog.of(SpanExport.class, Level.INFO)) {
      tracer(export).spanBuilder("s").startSpan().end();
      export.exportOnce();
      export.exportOnce();
      assertThat(failed).hasValue(0);
      export.exportOnce();
      assertThat(failed).as("given up after some attempts").hasValue(1);
      assertThat(log.events())
          .singleElement()
          .satisfies(
              line ->
                  assertThat(line.getFormattedMessage())
                      .contains("traces cannot be exported")
                      .endsWith("refused"));
      held.answer(CompletableResultCode::ofSuccess);
      tracer(export).spanBuilder("s").startSpan().end();
      export.exportOnce();
      assertThat(log.events()).hasSize(2);
      assertThat(log.events().getLast().getFormattedMessage())
          .startsWith("traces can be exported again");
    }
    assertThat(exported).hasValue(1);
  }

  @Test
  void anExporterThatThrowsIsACollectorThatIsGone() {
    held.answer(
        () -> {
          throw new IllegalArgumentException("no such port");
        });
    var export = export(LONG, Duration.ofMinutes(1));
    for (int i = 0; i < 3; i++) {
      tracer(export).spanBuilder("s").startSpan().end();
      export.exportOnce();
    }
    assertThat(failed).hasPositiveValue();
    export.shutdown();
    assertThat(dropped).hasPositiveValue();
  }

  @Test
  void aCollectorThatNeverAnswersDelaysTheStopByItsBudgetOnly() {
    held.answer(CompletableResultCode::new);
    var export = export(LONG, Duration.ofMillis(50));
    export.start();
    tracer(export).spanBuilder("s").startSpan().end();

    long began = System.nanoTime();
    export.shutdown();

    assertThat(Duration.ofNanos(System.nanoTime() - began))
        .as("the export's own timeout is 10 minutes")
        .isLessThan(Duration.ofMinutes(1));
    assertThat(exported).hasValue(0);
  }

  @Test
  void nothingIsTriedAtTheStopIfTheCollectorWasGoneBefore() {
    held.answer(() -> CompletableResultCode.ofExceptionalFailure(new IOException("refused")));
    var export = export(LONG, Duration.ofMinutes(1));
    var tracer = tracer(export);
    tracer.spanBuilder("s").startSpan().end();
    export.exportOnce();
    tracer.spanBuilder("s").startSpan().end();

    export.shutdown();

    assertThat(held.exports).hasValue(1);
    assertThat(dropped).hasValue(2);
  }

  private SpanExport export(Duration timeout, Duration flush) {
    return new SpanExport(held, new Batches(LONG, timeout, 10, 5), flush, TimeSource.SYSTEM, this);
  }

  private static Tracer tracer(SpanExport export) {
    return SdkTracerProvider.builder().addSpanProcessor(export).build().get("test");
  }

  @Override
  public void on(BrokerEvent event) {
    switch ((TraceEvent) event) {
      case TraceEvent.Exported(int spans) -> exported.addAndGet(spans);
      case TraceEvent.ExportFailed(int spans) -> failed.addAndGet(spans);
      case TraceEvent.Dropped(int spans) -> dropped.addAndGet(spans);
    }
  }
}
