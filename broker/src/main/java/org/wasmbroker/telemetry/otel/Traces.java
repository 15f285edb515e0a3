package org.wasmbroker.telemetry.otel;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanLimits;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.Tracing;
import org.wasmbroker.telemetry.otel.TracesConfig.Sampling;

/** The traces of one broker: on from {@link #start} to {@link #close}, if they are configured. */
public final class Traces implements AutoCloseable {
  private static final String SCOPE = "org.wasmbroker";
  private static final int MAX_EVENTS = 256;
  private static final int MAX_VALUE_LENGTH = 1024;

  private final Tracing tracing;
  private final EventSink events;
  private final @Nullable SpanExport export;

  private Traces(Tracing tracing, EventSink events, @Nullable SpanExport export) {
    this.tracing = tracing;
    this.events = events;
    this.export = export;
  }

  /**
   * @param version of the broker
   * @param instance the id of this process
   * @param source where steps come from
   * @param events are told what becomes of the spans
   * @throws IllegalArgumentException if a certificate or key cannot be used
   */
  public static Traces start(
      TracesConfig config,
      String version,
      String instance,
      StepSource source,
      TimeSource time,
      EventSink events) {
    var collector = config.collector();
    return collector == null
        ? new Traces(Tracing.OFF, EventSink.NONE, null)
        : start(config, Exporters.to(collector), version, instance, source, time, events);
  }

  static Traces start(
      TracesConfig config,
      SpanExporter exporter,
      String version,
      String instance,
      StepSource source,
      TimeSource time,
      EventSink events) {
    var export = new SpanExport(exporter, config.batches(), config.flush(), time, events);
    var ids = new TraceIds();
    var provider =
        SdkTracerProvider.builder()
            .setResource(resource(config, version, instance))
            .setSampler(sampler(config.sampling()))
            .setIdGenerator(ids)
            .setSpanLimits(
                SpanLimits.builder()
                    .setMaxNumberOfEvents(MAX_EVENTS)
                    .setMaxAttributeValueLength(MAX_VALUE_LENGTH)
                    .build())
            .addSpanProcessor(export)
            .build();
    var tracer = provider.tracerBuilder(SCOPE).setInstrumentationVersion(version).build();
    var tracing = new OtelTracing(tracer, ids, time, source, config.guestLines());
    export.start();
    return new Traces(tracing, tracing, export);
  }

  private static Resource resource(TracesConfig config, String version, String instance) {
    var attributes = Attributes.builder();
    attributes.put("service.version", version);
    attributes.put("service.instance.id", instance);
    config.resource().forEach(attributes::put);
    return Resource.getDefault().merge(Resource.create(attributes.build()));
  }

  static Sampler sampler(Sampling sampling) {
    Sampler root =
        sampling.ratio() >= 1
            ? Sampler.alwaysOn()
            : sampling.ratio() <= 0 ? Sampler.alwaysOff() : new RatioSampler(sampling.ratio());
    return sampling.parentBased() ? Sampler.parentBased(root) : root;
  }

  /** What the stages tell; {@link Tracing#OFF} if nothing is traced. */
  public Tracing tracing() {
    return tracing;
  }

  /** The sink for the events of steps that become events of their spans. */
  public EventSink events() {
    return events;
  }

  /** Exports what is left, within the budget. */
  @Override
  public void close() {
    if (export != null) {
      export.shutdown();
    }
  }
}
