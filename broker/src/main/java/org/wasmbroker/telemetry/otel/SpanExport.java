package org.wasmbroker.telemetry.otel;

import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.concurrent.OutageLog;
import org.wasmbroker.concurrent.TaskLoop;
import org.wasmbroker.step.Backoff;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.TraceEvent;
import org.wasmbroker.telemetry.otel.TracesConfig.Batches;

/**
 * Sends ended spans to the collector in batches, on a thread of its own. Whoever ends a span never
 * waits: one that does not fit the queue is dropped and counted.
 *
 * <p>The SDK's own processor would do, but for what happens when there is no collector: it tries
 * for eight seconds when it is closed, says that this was a success, and logs each failure. This
 * one tries a batch a few times, logs when the collector is lost and when it is back, and has a
 * budget for its end.
 */
final class SpanExport implements SpanProcessor {
  private static final Logger log = LoggerFactory.getLogger(SpanExport.class);
  private static final int ATTEMPTS = 3;
  private static final Backoff BACKOFF = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(10));

  private final SpanExporter exporter;
  private final Batches config;
  private final Duration flush;
  private final TimeSource time;
  private final EventSink events;
  private final ArrayBlockingQueue<ReadableSpan> queue;
  private final TaskLoop loop;
  private final OutageLog outage;

  // All below is used by the loop's thread, and after its end by the one that closes.
  private List<SpanData> batch = List.of();
  private int failures;

  /**
   * @param flush how long closing may take for what is not exported by then
   */
  SpanExport(
      SpanExporter exporter, Batches config, Duration flush, TimeSource time, EventSink events) {
    this.exporter = exporter;
    this.config = config;
    this.flush = flush;
    this.time = time;
    this.events = events;
    this.queue = new ArrayBlockingQueue<>(config.queue());
    this.loop = new TaskLoop("trace-exporter", config.delay(), this::exportOnce);
    this.outage =
        new OutageLog(
            log,
            time,
            "traces cannot be exported; spans are dropped once the queue is full",
            "traces can be exported again");
  }

  void start() {
    loop.start();
  }

  @Override
  public void onStart(Context parent, ReadWriteSpan span) {}

  @Override
  public boolean isStartRequired() {
    return false;
  }

  @Override
  public void onEnd(ReadableSpan span) {
    if (!span.getSpanContext().isSampled()) {
      return;
    }
    if (!queue.offer(span)) {
      events.on(new TraceEvent.Dropped(1));
    } else if (queue.size() == config.size()) {
      loop.wake(); // a batch is complete
    }
  }

  @Override
  public boolean isEndRequired() {
    return true;
  }

  /** Exports at most one batch; returns the delay before the next. */
  Duration exportOnce() {
    if (batch.isEmpty()) {
      batch = nextBatch();
    }
    if (batch.isEmpty()) {
      return config.delay();
    }
    return export(config.timeout())
        ? queue.size() >= config.size() ? Duration.ZERO : config.delay()
        : BACKOFF.delay(failures, ThreadLocalRandom.current().nextDouble());
  }

  private List<SpanData> nextBatch() {
    var ended = new ArrayList<ReadableSpan>(config.size());
    queue.drainTo(ended, config.size());
    return ended.stream().map(ReadableSpan::toSpanData).toList();
  }

  /** Whether the batch was exported. */
  private boolean export(Duration timeout) {
    var result = send();
    result.join(timeout.toNanos(), TimeUnit.NANOSECONDS);
    if (result.isDone() && result.isSuccess()) {
      events.on(new TraceEvent.Exported(batch.size()));
      batch = List.of();
      failures = 0;
      outage.succeeded();
      return true;
    }
    failures = outage.failed(OutageLog.Severity.TRANSIENT, reason(result, timeout));
    if (failures % ATTEMPTS == 0) {
      events.on(new TraceEvent.ExportFailed(batch.size()));
      batch = List.of();
    }
    return false;
  }

  /** What the exporter throws must not end the broker's readiness, nor its stop. */
  private CompletableResultCode send() {
    try {
      return exporter.export(batch);
    } catch (RuntimeException fault) {
      return CompletableResultCode.ofExceptionalFailure(fault);
    }
  }

  private static Throwable reason(CompletableResultCode result, Duration timeout) {
    var failure = result.getFailureThrowable();
    if (failure != null) {
      return failure;
    }
    return new IOException(
        result.isDone()
            ? "the collector refused them"
            : "no response within " + timeout.toMillis() + " ms");
  }

  /**
   * Exports what is left, within the budget; all of it is given up at the first failure, and at
   * once if the collector is gone already.
   */
  @Override
  public CompletableResultCode shutdown() {
    long deadline = time.nanos() + flush.toNanos();
    loop.wake();
    if (loop.close(flush)) {
      boolean reachable = failures == 0;
      while (reachable && !(batch.isEmpty() && queue.isEmpty())) {
        batch = batch.isEmpty() ? nextBatch() : batch;
        long left = deadline - time.nanos();
        reachable = left > 0 && export(Duration.ofNanos(left));
      }
      giveUp(batch.size() + queue.size());
    } else {
      giveUp(queue.size()); // and the batch that the thread is still sending
    }
    return exporter.shutdown();
  }

  private void giveUp(int spans) {
    if (spans > 0) {
      events.on(new TraceEvent.Dropped(spans));
      log.atWarn().addKeyValue("spans", spans).log("spans were not exported before the stop");
    }
  }

  @Override
  public CompletableResultCode forceFlush() {
    loop.wake();
    return CompletableResultCode.ofSuccess();
  }
}
