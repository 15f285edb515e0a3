package org.wasmbroker.bench;

import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.wasmbroker.app.Engines;
import org.wasmbroker.app.Modules;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.concurrent.Threads;
import org.wasmbroker.grant.Policy;
import org.wasmbroker.registry.ModuleRegistry;
import org.wasmbroker.registry.RegistryConfig;
import org.wasmbroker.registry.Resolution.Resolved;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.CompileLimits;
import org.wasmbroker.sandbox.EngineConfig;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.sandbox.Invocation;
import org.wasmbroker.sandbox.InvocationResult;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.telemetry.EventSink;

/**
 * What the steps of one handler notice while a new version of another one is found, compiled,
 * loaded and switched to: as many threads as processors resolve and run a module without a pause,
 * and the 99th percentile of a run's time is compared with that of the time before.
 */
public final class SwitchBenchmark {
  private static final HandlerRef BESIDE = HandlerRef.parse("transform");
  private static final HandlerRef SWITCHED = HandlerRef.parse("h");
  private static final Duration BEFORE = Duration.ofSeconds(3);
  private static final int MAX_RUNS = 1 << 21;

  private SwitchBenchmark() {}

  /**
   * @param arguments the number of rounds, and of threads
   */
  public static void main(String[] arguments) throws Exception {
    int rounds = Integer.parseInt(arguments[0]);
    int threads = Integer.parseInt(arguments[1]);
    var root = Files.createTempDirectory("wasm-broker-switch-");
    var handlers = Files.createDirectories(root.resolve("handlers"));
    ManyModules.write(handlers, "transform", "h", "1.0.0", 0);
    var defaults = EngineConfig.of(threads + 1);
    var config =
        new EngineConfig(
                defaults.slots(),
                defaults.memoryBytes(),
                defaults.stackBytes(),
                defaults.tick(),
                defaults.moduleBytes(),
                root.resolve("compiled"),
                null)
            .withCompile(CompileLimits.DEFAULTS);
    var registryConfig = RegistryConfig.DEFAULTS.withDirectory(handlers, Duration.ofMillis(200));
    System.out.printf("%nA new version beside %d threads at full load%n", threads);
    try (var engine = Engines.start(BenchGuest.engine("wasmtime"), config);
        var registry =
            Modules.registry(
                engine,
                Policy.none(Limits.DEFAULTS),
                registryConfig,
                defaults.moduleBytes(),
                EventSink.NONE)) {
      registry.start();
      registry.resolve(BESIDE);
      registry.resolve(SWITCHED);
      var ratios = new double[rounds];
      try (var load = new Load(registry, threads)) {
        load.take(BEFORE); // warms up
        for (int i = 0; i < rounds; i++) {
          var before = load.take(BEFORE);
          var version = "1." + (i + 1) + ".0";
          ManyModules.write(handlers, "transform", "h", version, i + 1);
          long begin = System.nanoTime();
          while (!version.equals(version(registry))) {
            Thread.sleep(10);
          }
          var took = Duration.ofNanos(System.nanoTime() - begin);
          var during = load.taken();
          ratios[i] = (double) during.p99() / before.p99();
          System.out.printf(
              Locale.ROOT,
              "before %s; while switching, for %d ms, %s; p99 ratio %.2f%n",
              before,
              took.toMillis(),
              during,
              ratios[i]);
        }
      }
      Arrays.sort(ratios);
      System.out.printf(
          Locale.ROOT, "p99 ratio: median %.2f of %d rounds%n", ratios[rounds / 2], rounds);
    }
  }

  private static String version(ModuleRegistry registry) {
    return registry.cached(SWITCHED) instanceof Resolved resolved
        ? resolved.id().version()
        : "none";
  }

  /** Times of runs, in nanoseconds. */
  private record Times(long median, long p99, int runs) {
    static Times of(long[] times) {
      Arrays.sort(times);
      return times.length == 0
          ? new Times(0, 0, 0)
          : new Times(times[times.length / 2], times[times.length * 99 / 100], times.length);
    }

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT, "median %d us, p99 %d us of %,d runs", median / 1000, p99 / 1000, runs);
    }
  }

  /** Threads that run a module all the time. */
  private static final class Load implements AutoCloseable {
    private final ModuleRegistry registry;
    private final List<Runner> runners = new ArrayList<>();
    private volatile boolean stopped;

    Load(ModuleRegistry registry, int threads) {
      this.registry = registry;
      for (int i = 0; i < threads; i++) {
        var runner = new Runner();
        runners.add(runner);
        runner.thread.start();
      }
    }

    Times take(Duration time) throws InterruptedException {
      taken();
      Thread.sleep(time);
      return taken();
    }

    /** The times since this was called before. */
    Times taken() {
      return Times.of(
          runners.stream().flatMapToLong(runner -> Arrays.stream(runner.taken())).toArray());
    }

    @Override
    public void close() {
      stopped = true;
      for (var runner : runners) {
        Threads.joinUninterruptibly(runner.thread);
      }
    }

    private final class Runner {
      final Thread thread = new Thread(null, this::run, "load", 4 << 20);
      private final long[] times = new long[MAX_RUNS]; // guarded by this
      private int count; // guarded by this

      private void run() {
        var document = BenchGuest.document("transform");
        while (!stopped) {
          long begin = System.nanoTime();
          if (!(registry.cached(BESIDE) instanceof Resolved resolved)) {
            throw new IllegalStateException("no " + BESIDE);
          }
          var result =
              resolved
                  .module()
                  .run(
                      new Invocation(
                          "transform",
                          document,
                          resolved.grants().limits(),
                          new Cancellation(),
                          GuestLog.NONE,
                          Capabilities.STANDARD.basicAccess()));
          if (!(result instanceof InvocationResult.Completed)) {
            throw new IllegalStateException(result.toString());
          }
          add(System.nanoTime() - begin);
        }
      }

      private synchronized void add(long time) {
        if (count < MAX_RUNS) {
          times[count++] = time;
        }
      }

      synchronized long[] taken() {
        var taken = Arrays.copyOf(times, count);
        count = 0;
        return taken;
      }
    }
  }
}
