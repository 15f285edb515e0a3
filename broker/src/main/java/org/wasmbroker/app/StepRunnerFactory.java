package org.wasmbroker.app;

import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.execution.StepRecorder;
import org.wasmbroker.execution.StepRules;
import org.wasmbroker.execution.StepRunner;
import org.wasmbroker.recording.Recorder;
import org.wasmbroker.recording.RecordingFiles;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.Tracing;
import org.wasmbroker.telemetry.micrometer.FileGauges;
import org.wasmbroker.telemetry.micrometer.PrometheusMetrics;

/** Creates what runs steps, with all that their guests reach: the same for every way in. */
final class StepRunnerFactory {
  private static final TimeSource TIME = TimeSource.SYSTEM;

  private final BrokerConfig config;
  private final Tracing tracing;
  private final EventSink events;
  private final Components components;

  /**
   * @param components gets what is to be closed
   */
  StepRunnerFactory(BrokerConfig config, Tracing tracing, EventSink events, Components components) {
    this.config = config;
    this.tracing = tracing;
    this.events = events;
    this.components = components;
  }

  /**
   * Creates it, and starts what belongs to it.
   *
   * @param rules of the protocol that the steps come by
   * @param metrics are told of caches and files; null for none
   */
  StepRunner create(StepRules rules, @Nullable PrometheusMetrics metrics) {
    var resources =
        components.add("guest resources", GuestResources.start(config, tracing, events));
    if (metrics != null) {
      metrics.register(CacheMetrics.of(resources.caches()));
      var files = resources.files();
      metrics.register(new FileGauges(files::bytes, files::maximumBytes));
    }
    return new StepRunner(
            resources.accesses(),
            rules,
            config.dispatch().retryPolicy(),
            TIME,
            () -> ThreadLocalRandom.current().nextDouble(),
            events)
        .withTracing(tracing)
        .withRecorder(recorder());
  }

  private StepRecorder recorder() {
    var recording = config.recording();
    if (!recording.isOn() || recording.directory() == null) {
      return StepRecorder.NONE;
    }
    var files =
        components.add(
            "recordings", new RecordingFiles(recording, recording.directory(), TIME, events));
    files.start();
    return new Recorder(
        recording, BrokerVersion.text(), config.engine().stackBytes(), files, TIME, events);
  }
}
