package org.wasmbroker.telemetry.micrometer;

import io.micrometer.core.instrument.Clock;
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
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Instant;
import java.util.List;
import java.util.Properties;
import java.util.function.DoubleSupplier;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.concurrent.ServiceThread;
import org.wasmbroker.step.EngineInfo;
import org.wasmbroker.telemetry.EventSink;

/** The metrics of one broker: created at start, fed by {@link #events}, read by scrapes. */
public final class PrometheusMetrics implements AutoCloseable {
  private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";
  private static final String OPEN_METRICS =
      "application/openmetrics-text; version=1.0.0; charset=utf-8";

  private final PrometheusMeterRegistry registry;
  private final JvmGcMetrics gc = new JvmGcMetrics();
  private final HandlerTable handlers;
  private final EventSink events;
  private final DatabaseMeters database;
  private volatile @Nullable Supplier<List<LoadedModule>> modules;

  /**
   * @param version the broker's version
   * @param known the values of tags that are known from the start
   */
  public PrometheusMetrics(String version, KnownValues known) {
    var exemplars = new Exemplars();
    registry =
        new PrometheusMeterRegistry(
            new ClientConfig(), new PrometheusRegistry(), Clock.SYSTEM, exemplars);
    ProcessMeters.bindTo(registry);
    handlers = new HandlerTable(registry, known);
    events = new MicrometerEvents(registry, handlers, known, exemplars);
    database = new DatabaseMeters(registry);
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
  }

  /** The sink that updates the metrics. */
  public EventSink events() {
    return events;
  }

  /**
   * Registers the engine that runs the guests; called once.
   *
   * @param released when it was; null if that is not known
   * @param supportEnds from when on its project promises no fixes; null if that is not known
   */
  public void registerEngine(
      EngineInfo engine, @Nullable Instant released, @Nullable Instant supportEnds) {
    engine(
            engine,
            "wasm.broker.engine.info",
            "The WebAssembly engine that runs the guests; always 1.",
            () -> 1)
        .register(registry);
    time(
        engine,
        "wasm.broker.engine.release.timestamp",
        "When the engine's major version was released, in seconds since 1970; NaN if unknown.",
        released);
    time(
        engine,
        "wasm.broker.engine.support.end.timestamp",
        "From when on the engine's project promises no fixes for the version, in seconds since"
            + " 1970; NaN if unknown.",
        supportEnds);
  }

  private void time(EngineInfo engine, String name, String description, @Nullable Instant time) {
    double seconds = time == null ? Double.NaN : time.getEpochSecond();
    engine(engine, name, description, () -> seconds).baseUnit("seconds").register(registry);
  }

  private static Gauge.Builder<?> engine(
      EngineInfo engine, String name, String description, DoubleSupplier value) {
    return Gauge.builder(name, value::getAsDouble)
        .description(description)
        .tag("engine", engine.name())
        .tag("version", engine.version());
  }

  /** Registers where to ask at each scrape which modules are loaded; called once. */
  public void registerModules(Supplier<List<LoadedModule>> loaded) {
    modules = loaded;
  }

  /** Registers gauges that are read at each scrape; called once. */
  public void register(Gauges gauges) {
    gauge("wasm.broker.slots", "Maximum number of steps in flight.", gauges.slots());
    gauge("wasm.broker.slots.in.use", "Slots currently held by a step.", gauges.slotsInUse());
    gauge(
        "wasm.broker.processors",
        "Maximum number of guests that compute at once.",
        gauges.processors());
    gauge(
        "wasm.broker.guests.computing",
        "Guests that compute; the other steps in flight wait.",
        gauges.computing());
    gauge(
        "wasm.broker.guests.waiting.for.permit",
        "Guests that could go on and wait until others let them compute.",
        gauges.waitingForPermit());
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
    gauge(
        "wasm.broker.prefetch.steps",
        "Steps that are claimed ahead of free slots at most, as recent run times allow.",
        gauges.prefetch());
    gauge("wasm.broker.report.backlog", "Outcomes waiting to be written.", gauges.reportBacklog());
    Gauge.builder("wasm.broker.stalled", gauges.stalledSeconds()::getAsDouble)
        .description(
            "For how long steps could have started and none has; from dispatch.stall-after on, the"
                + " broker is not ready.")
        .baseUnit("seconds")
        .register(registry);
    Gauge.builder("wasm.broker.drain.grace", gauges::drainGraceSeconds)
        .description("How long running steps may go on when the broker drains.")
        .baseUnit("seconds")
        .register(registry);
    FunctionCounter.builder("wasm.broker.thread.failures", this, _ -> ServiceThread.failures())
        .description(
            "Threads of the broker that failed unexpectedly and were resumed; the log says why.")
        .register(registry);
  }

  /** Registers the cache of prepared images; called once. */
  public void register(ImageGauges images) {
    images.register(registry);
  }

  /** Registers the caches of guests; called once. */
  public void register(CacheGauges caches) {
    caches.register(registry);
  }

  /** Registers the memory of files; called once. */
  public void register(FileGauges files) {
    files.register(registry);
  }

  /** For the gauges of the database and its queues. */
  public DatabaseMeters database() {
    return database;
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
    var loaded = modules;
    if (loaded != null) {
      handlers.loaded(loaded.get());
    }
    var type =
        accept != null && accept.contains("application/openmetrics-text") ? OPEN_METRICS : TEXT;
    return new Scrape(type, registry.scrape(type));
  }

  @Override
  public void close() {
    gc.close();
    registry.close();
  }

  /** Prometheus refuses a page with an exemplar at the count of a histogram. */
  private static final class ClientConfig implements PrometheusConfig {
    @Override
    public @Nullable String get(String key) {
      return null;
    }

    @Override
    public Properties prometheusProperties() {
      var properties = new Properties();
      properties.setProperty("io.prometheus.exporter.exemplars_on_all_metric_types", "false");
      return properties;
    }
  }

  /** The response to a scrape. */
  public record Scrape(String contentType, String text) {}
}
