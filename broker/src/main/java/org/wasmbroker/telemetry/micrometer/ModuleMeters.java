package org.wasmbroker.telemetry.micrometer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.WireName;
import org.wasmbroker.telemetry.ModuleEvent;
import org.wasmbroker.telemetry.ModuleEvent.CompilationFailure;
import org.wasmbroker.telemetry.TagLimiter;

/** The meters of the module registry. */
final class ModuleMeters {
  private static final int MAX_MODULES = 500;

  private final MeterRegistry registry;
  private final TagLimiter handlers;
  private final Set<ModuleId> modules = ConcurrentHashMap.newKeySet();
  private final Map<CompilationFailure, Counter> failures = new EnumMap<>(CompilationFailure.class);
  private final Timer load;
  private final Timer compile;
  private final Counter refused;
  private final Counter sourceFailures;
  private final Counter changed;
  private final AtomicInteger inMemory = new AtomicInteger();
  private final AtomicLong codeBytes = new AtomicLong();

  /**
   * @param handlers shared with the other meters that have the tag
   */
  ModuleMeters(MeterRegistry registry, TagLimiter handlers) {
    this.registry = registry;
    this.handlers = handlers;
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
    refused =
        Meters.counter(
            registry,
            "wasm.broker.modules.refused",
            "Modules that cannot be used; the log says why.");
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
      case ModuleEvent.Loaded(ModuleId module, _, Duration took) -> {
        load.record(took);
        register(module);
      }
      case ModuleEvent.Compiled(Duration took) -> compile.record(took);
      case ModuleEvent.InMemory(int count, long bytes) -> {
        inMemory.set(count);
        codeBytes.set(bytes);
      }
      case ModuleEvent.CompilationFailed(CompilationFailure reason) ->
          Objects.requireNonNull(failures.get(reason)).increment();
      case ModuleEvent.Refused _ -> refused.increment();
      case ModuleEvent.SourceFailed _ -> sourceFailures.increment();
      case ModuleEvent.ContentChanged _ -> changed.increment();
    }
  }

  private void register(ModuleId module) {
    if (modules.size() < MAX_MODULES && modules.add(module)) {
      Gauge.builder("wasm.broker.module.info", () -> 1)
          .description("A loaded module, by handler, version and digest; always 1.")
          .tag("handler", handlers.limit(module.handler()))
          .tag("version", module.version())
          .tag("digest", module.digest().hex())
          .register(registry);
    }
  }
}
