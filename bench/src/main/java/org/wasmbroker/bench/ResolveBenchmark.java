package org.wasmbroker.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.app.Engines;
import org.wasmbroker.app.Modules;
import org.wasmbroker.grant.Policy;
import org.wasmbroker.registry.ModuleRegistry;
import org.wasmbroker.registry.RegistryConfig;
import org.wasmbroker.registry.Resolution;
import org.wasmbroker.registry.Resolution.Resolved;
import org.wasmbroker.registry.release.TrustCheck;
import org.wasmbroker.rollout.RolloutReadResult;
import org.wasmbroker.rollout.RolloutReader;
import org.wasmbroker.rollout.Rollouts;
import org.wasmbroker.sandbox.EngineConfig;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.ModulePin;
import org.wasmbroker.step.RoutingFacts;
import org.wasmbroker.step.StepId;
import org.wasmbroker.step.StepOrigin;
import org.wasmbroker.telemetry.EventSink;

/**
 * What finding the module of a step costs when nothing has to be loaded: the look-up alone, which
 * is all that there was before references were routed, and with routing, for a handler that no
 * rollout names, one with a candidate, and a step that keeps its module. Time and bytes of each,
 * the best of rounds that alternate.
 */
public final class ResolveBenchmark {
  private static final int CALLS = 2_000_000;
  private static final int STEPS = 1 << 10;
  private static final String ROLLOUT =
      "handlers: {h: {stable: 1.0.0, candidate: 1.1.0, weight: 50%}}";

  private ResolveBenchmark() {}

  /**
   * @param arguments the number of rounds
   */
  public static void main(String[] arguments) throws Exception {
    int rounds = Integer.parseInt(arguments[0]);
    var root = Files.createTempDirectory("wasm-broker-resolve-");
    ManyModules.write(root, "transform", "h", "1.0.0", 0);
    ManyModules.write(root, "transform", "h", "1.1.0", 1);
    var defaults = EngineConfig.of(2);
    try (var engine = Engines.start(BenchGuest.engine("wasmtime"), defaults);
        var registry =
            Modules.registry(
                engine,
                Policy.none(Limits.DEFAULTS),
                RegistryConfig.DEFAULTS.withDirectory(root, Duration.ofHours(1)),
                defaults.moduleBytes(),
                TrustCheck.NONE,
                rollouts(),
                EventSink.NONE)) {
      registry.start();
      var cases = cases(registry);
      var best = new LinkedHashMap<String, double[]>();
      for (int round = 0; round < rounds; round++) {
        cases.forEach(
            (name, find) ->
                best.merge(
                    name,
                    measure(find),
                    (one, other) ->
                        new double[] {Math.min(one[0], other[0]), Math.min(one[1], other[1])}));
      }
      best.forEach(
          (name, result) ->
              System.out.printf(
                  Locale.ROOT, "%-44s %6.1f ns %6.2f B%n", name, result[0], result[1]));
    }
  }

  private static Map<String, IntFunction<@Nullable Resolution>> cases(ModuleRegistry registry) {
    var plain = HandlerRef.parse("transform");
    var rolledOut = HandlerRef.parse("h");
    if (!(registry.resolve(HandlerRef.parse("h@1.0.0")) instanceof Resolved stable)
        || !(registry.resolve(HandlerRef.parse("h@1.1.0")) instanceof Resolved)
        || !(registry.resolve(plain) instanceof Resolved)) {
      throw new IllegalStateException("a module cannot be used");
    }
    var pin = ModulePin.of(stable.id(), false);
    registry.resolve(pin.module());
    var steps = steps(null);
    var pinned = steps(pin);
    var cases = new LinkedHashMap<String, IntFunction<@Nullable Resolution>>();
    cases.put("the look-up alone", i -> registry.cached(plain));
    cases.put("a handler that no rollout names", i -> find(registry, plain, steps[i % STEPS]));
    cases.put("a handler with a candidate", i -> find(registry, rolledOut, steps[i % STEPS]));
    cases.put("a step that keeps its module", i -> find(registry, rolledOut, pinned[i % STEPS]));
    return cases;
  }

  private static @Nullable Resolution find(
      ModuleRegistry registry, HandlerRef reference, RoutingFacts step) {
    return registry.cached(registry.route(reference, step));
  }

  /** Nanoseconds and bytes of one call. */
  private static double[] measure(IntFunction<@Nullable Resolution> find) {
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long bytes = threads.getCurrentThreadAllocatedBytes();
    long begin = System.nanoTime();
    int missing = 0;
    for (int i = 0; i < CALLS; i++) {
      if (find.apply(i) == null) {
        missing++;
      }
    }
    long took = System.nanoTime() - begin;
    long allocated = threads.getCurrentThreadAllocatedBytes() - bytes;
    if (missing > 0) {
      throw new IllegalStateException(missing + " steps have no module");
    }
    return new double[] {(double) took / CALLS, (double) allocated / CALLS};
  }

  private static RoutingFacts[] steps(@Nullable ModulePin pin) {
    return IntStream.range(0, STEPS)
        .mapToObj(i -> new Facts(new StepId(UUID.randomUUID()), StepOrigin.NONE, pin))
        .toArray(RoutingFacts[]::new);
  }

  private record Facts(StepId id, StepOrigin origin, @Nullable ModulePin pin)
      implements RoutingFacts {}

  private static Rollouts rollouts() {
    return switch (RolloutReader.read("", ROLLOUT.getBytes(UTF_8))) {
      case RolloutReadResult.Valid(var rollout) -> new Rollouts(rollout);
      case RolloutReadResult.Invalid(var problems) ->
          throw new IllegalStateException(problems.toString());
    };
  }
}
