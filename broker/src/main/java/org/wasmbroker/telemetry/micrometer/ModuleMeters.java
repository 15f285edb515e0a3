package org.wasmbroker.telemetry.micrometer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.wasmbroker.step.WireName;
import org.wasmbroker.telemetry.ModuleEvent;
import org.wasmbroker.telemetry.ModuleEvent.CompilationFailure;
import org.wasmbroker.telemetry.ModuleEvent.PreparationFailure;
import org.wasmbroker.telemetry.ModuleEvent.Refusal;

/** The meters of the module registry. */
final class ModuleMeters {
  private final Map<CompilationFailure, Counter> failures = new EnumMap<>(CompilationFailure.class);
  private final Timer load;
  private final Timer compile;
  private final Map<Refusal, Counter> refused = new EnumMap<>(Refusal.class);
  private final Counter sourceFailures;
  private final Counter changed;
  private final Timer prepare;
  private final Map<PreparationFailure, Counter> preparationFailures =
      new EnumMap<>(PreparationFailure.class);
  private final AtomicInteger inMemory = new AtomicInteger();
  private final AtomicLong codeBytes = new AtomicLong();

  ModuleMeters(MeterRegistry registry) {
    load =
        Meters.timer("wasm.broker.module.load", Buckets.COMPILE)
            .description(
                "Preparing a module to run: compiling it, or loading it from the compile cache.")
            .register(registry);
    compile =
        Meters.timer("wasm.broker.module.compile", Buckets.COMPILE)
            .description("Compiling a module that was not in the compile cache.")
            .register(registry);
    for (var reason : CompilationFailure.values()) {
      failures.put(
          reason,
          Counter.builder("wasm.broker.module.compile.failures")
              .description(
                  "Modules whose compilation exceeded its limit on time or memory, or ended its"
                      + " process.")
              .tag("reason", WireName.of(reason))
              .register(registry));
    }
    for (var reason : Refusal.values()) {
      refused.put(
          reason,
          Counter.builder("wasm.broker.modules.refused")
              .description("Modules that cannot be used, by what is at fault; the log says why.")
              .tag("reason", WireName.of(reason))
              .register(registry));
    }
    sourceFailures =
        Meters.counter(
            registry,
            "wasm.broker.module.source.failures",
            "Listings of a source of modules that failed; what it had is still served.");
    changed =
        Meters.counter(
            registry,
            "wasm.broker.modules.changed",
            "Releases whose content was changed in their source; what was loaded first stays in"
                + " use.");
    prepare =
        Meters.timer("wasm.broker.image.prepare", Buckets.RUN)
            .description("Preparing an image for a configuration, which runs then start with.")
            .register(registry);
    for (var reason : PreparationFailure.values()) {
      preparationFailures.put(
          reason,
          Counter.builder("wasm.broker.image.prepare.failures")
              .description(
                  "Preparations that left no image: the guest trapped, failed or exceeded a limit,"
                      + " so that the steps fail; or the image would be too large, so that each run"
                      + " prepares itself. Counted when it is tried, not when it is remembered.")
              .tag("reason", WireName.of(reason))
              .register(registry));
    }
    Gauge.builder("wasm.broker.modules.in.memory", inMemory, AtomicInteger::get)
        .description(
            "Compiled modules in memory: each once, until no release names it and no step runs it.")
        .register(registry);
    Gauge.builder("wasm.broker.modules.code", codeBytes, AtomicLong::get)
        .description("The machine code of the compiled modules in memory.")
        .baseUnit("bytes")
        .register(registry);
  }

  void on(ModuleEvent event) {
    switch (event) {
      case ModuleEvent.Loaded(_, _, Duration took) -> load.record(took);
      case ModuleEvent.Compiled(Duration took) -> compile.record(took);
      case ModuleEvent.InMemory(int count, long bytes) -> {
        inMemory.set(count);
        codeBytes.set(bytes);
      }
      case ModuleEvent.CompilationFailed(CompilationFailure reason) ->
          Objects.requireNonNull(failures.get(reason)).increment();
      case ModuleEvent.Refused(_, Refusal reason, _) ->
          Objects.requireNonNull(refused.get(reason)).increment();
      case ModuleEvent.SourceFailed _ -> sourceFailures.increment();
      case ModuleEvent.ImageMade(Duration took) -> prepare.record(took);
      case ModuleEvent.PreparationFailed(PreparationFailure reason) ->
          Objects.requireNonNull(preparationFailures.get(reason)).increment();
      case ModuleEvent.ContentChanged _ -> changed.increment();
    }
  }
}
