package org.wasmbroker.telemetry.micrometer;

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
import org.wasmbroker.step.EngineInfo;
import org.wasmbroker.telemetry.EventSink;

/** The metrics of one broker: made at start, fed by {@link #events}, read by scrapes. */
public final class PrometheusMetrics implements AutoCloseable {
  private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";
  private static final String OPEN_METRICS =
      "application/openmetrics-text; version=1.0.0; charset=utf-8";

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics gc = new JvmGcMetrics();
  private final EventSink events = new MicrometerEvents(registry);

  /**
   * @param version the broker's own
   */
  public PrometheusMetrics(String version) {
    Gauge.builder("wasm.broker.build.info", () -> 1)
        .description("The broker's version and the Java that runs it; always 1.")
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

  /** Where the stages report to. */
  public EventSink events() {
    return events;
  }

  /** Names the engine that runs the guests; once. */
  public void registerEngine(EngineInfo engine) {
    Gauge.builder("wasm.broker.engine.info", () -> 1)
        .description("The WebAssembly engine that runs the guests; always 1.")
        .tag("engine", engine.name())
        .tag("version", engine.version())
        .register(registry);
  }

  /** Looks these up at each scrape from now on; once. */
  public void register(Gauges gauges) {
    gauge("wasm.broker.slots", "Steps that may run at once.", gauges.slots());
    gauge("wasm.broker.slots.in.use", "Slots that a step holds now.", gauges.slotsInUse());
    gauge(
        "wasm.broker.steps.waiting",
        "Claimed steps that wait for a slot or for memory.",
        gauges.waiting());
    gauge(
        "wasm.broker.steps.waiting.for.memory",
        "Claimed steps that wait for memory that others may use.",
        gauges.waitingForMemory());
    bytes(
        "wasm.broker.memory.budget",
        "Memory that the guests of all steps may use together.",
        gauges.memory());
    bytes(
        "wasm.broker.memory.in.use",
        "Memory that the guests that run now may use.",
        gauges.memoryInUse());
    gauge(
        "wasm.broker.report.backlog", "Outcomes that wait to be written.", gauges.reportBacklog());
  }

  /**
   * Looks a queue up at each scrape from now on.
   *
   * @param depth its messages; not a number while that is not known
   * @param oldestSeconds the age of the oldest of them, likewise
   */
  public void registerQueue(String queue, DoubleSupplier depth, DoubleSupplier oldestSeconds) {
    Gauge.builder("wasm.broker.queue.depth", depth::getAsDouble)
        .description("Messages in a queue, those that are being worked on among them.")
        .tag("queue", queue)
        .register(registry);
    Gauge.builder("wasm.broker.queue.oldest.message.age", oldestSeconds::getAsDouble)
        .description("Age of the oldest message in a queue.")
        .baseUnit("seconds")
        .tag("queue", queue)
        .register(registry);
  }

  /** Looks up series of others' names at each scrape from now on; once. */
  public void register(List<WorkerSeries> series) {
    for (var one : series) {
      var dotted = one.name().replace('_', '.'); // a name that ends in "_info" would lose that
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
   * All metrics as they are now.
   *
   * @param accept an HTTP {@code Accept} header: OpenMetrics where it asks for it, else
   *     Prometheus's text
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

  /** What a scrape reads. */
  public record Scrape(String contentType, String text) {}
}
