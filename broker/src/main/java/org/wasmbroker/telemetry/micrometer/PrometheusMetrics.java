package org.wasmbroker.telemetry.micrometer;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;
import java.util.function.DoubleSupplier;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.concurrent.ServiceThread;
import org.wasmbroker.step.EngineInfo;
import org.wasmbroker.telemetry.EventSink;

/** The metrics of one broker: created at start, fed by {@link #events}, read by scrapes. */
public final class PrometheusMetrics implements AutoCloseable {
  private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";
  private static final String OPEN_METRICS =
      "application/openmetrics-text; version=1.0.0; charset=utf-8";

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics gc = new JvmGcMetrics();
  private final EventSink events = new MicrometerEvents(registry);

  /**
   * @param version the broker's version
   */
  public PrometheusMetrics(String version) {
    Gauge.builder("wasm.broker.build.info", () -> 1)
        .description("The broker's version and the Java version it runs on; always 1.")
        .tag("version", version)
        .tag("java", Runtime.version().toString())
        .register(registry);
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ClassLoaderMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    new FileDescriptorMetrics().bindTo(registry);
    gc.bindTo(registry);
    ProcessMemory.bindTo(registry);
  }

  /** The sink that updates the metrics. */
  public EventSink events() {
    return events;
  }

  /** Registers the engine that runs the guests; called once. */
  public void registerEngine(EngineInfo engine) {
    Gauge.builder("wasm.broker.engine.info", () -> 1)
        .description("The WebAssembly engine that runs the guests; always 1.")
        .tag("engine", engine.name())
        .tag("version", engine.version())
        .register(registry);
  }

  /** Registers gauges that are read at each scrape; called once. */
  public void register(Gauges gauges) {
    gauge("wasm.broker.slots", "Maximum number of concurrent steps.", gauges.slots());
    gauge("wasm.broker.slots.in.use", "Slots currently held by a step.", gauges.slotsInUse());
    gauge(
        "wasm.broker.steps.waiting",
        "Claimed steps waiting for a slot or for memory.",
        gauges.waiting());
    gauge(
        "wasm.broker.steps.waiting.for.memory",
        "Claimed steps waiting for memory that is reserved by others.",
        gauges.waitingForMemory());
    bytes(
        "wasm.broker.memory.budget",
        "Memory that the guests of all steps together may use.",
        gauges.memory());
    bytes(
        "wasm.broker.memory.in.use",
        "Memory reserved by the guests that are running.",
        gauges.memoryInUse());
    gauge("wasm.broker.report.backlog", "Outcomes waiting to be written.", gauges.reportBacklog());
    Gauge.builder("wasm.broker.stalled", gauges.stalledSeconds()::getAsDouble)
        .description(
            "For how long steps could have started and none has; from dispatch.stall-after on, the"
                + " broker is not ready.")
        .baseUnit("seconds")
        .register(registry);
    FunctionCounter.builder("wasm.broker.thread.failures", this, _ -> ServiceThread.failures())
        .description(
            "Threads of the broker that failed unexpectedly and were resumed; the log says why.")
        .register(registry);
  }

  /**
   * Registers the gauges of a queue, which are read at each scrape.
   *
   * @param depth its number of messages; NaN while unknown
   * @param oldestSeconds the age of its oldest message; NaN while unknown
   */
  public void registerQueue(String queue, DoubleSupplier depth, DoubleSupplier oldestSeconds) {
    Gauge.builder("wasm.broker.queue.depth", depth::getAsDouble)
        .description("Messages in a queue, including those being processed.")
        .tag("queue", queue)
        .register(registry);
    Gauge.builder("wasm.broker.queue.oldest.message.age", oldestSeconds::getAsDouble)
        .description("Age of the oldest message in a queue.")
        .baseUnit("seconds")
        .tag("queue", queue)
        .register(registry);
  }

  /** Registers series with predefined names, which are read at each scrape; called once. */
  public void register(List<WorkerSeries> series) {
    for (var one : series) {
      var dotted = one.name().replace('_', '.'); // the suffix "_info" would be stripped
      Gauge.builder(dotted, one.value()::getAsDouble)
          .description(one.help())
          .tags(
              one.labels().entrySet().stream()
                  .map(label -> Tag.of(label.getKey(), label.getValue()))
                  .toList())
          .register(registry);
    }
  }

  private void bytes(String name, String description, LongSupplier value) {
    Gauge.builder(name, value::getAsLong)
        .description(description)
        .baseUnit("bytes")
        .register(registry);
  }

  private void gauge(String name, String description, IntSupplier value) {
    Gauge.builder(name, value::getAsInt).description(description).register(registry);
  }

  /**
   * All metrics as of now.
   *
   * @param accept an HTTP {@code Accept} header; OpenMetrics if it asks for it, else Prometheus
   *     text
   */
  public Scrape scrape(@Nullable String accept) {
    var type =
        accept != null && accept.contains("application/openmetrics-text") ? OPEN_METRICS : TEXT;
    return new Scrape(type, registry.scrape(type));
  }

  @Override
  public void close() {
    gc.close();
    registry.close();
  }

  /** The response to a scrape. */
  public record Scrape(String contentType, String text) {}
}
