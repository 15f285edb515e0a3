package org.wasmbroker.hostile;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.wasmbroker.cache.CacheConfig;
import org.wasmbroker.cache.GuestCaches;
import org.wasmbroker.dispatch.DispatchConfig;
import org.wasmbroker.dispatch.Dispatcher;
import org.wasmbroker.egress.Egress;
import org.wasmbroker.egress.EgressConfig;
import org.wasmbroker.egress.GuestServices;
import org.wasmbroker.execution.StepRecorder;
import org.wasmbroker.execution.StepRules;
import org.wasmbroker.execution.StepRunner;
import org.wasmbroker.grant.Policy;
import org.wasmbroker.grant.PolicyReadResult;
import org.wasmbroker.registry.ModuleRegistry;
import org.wasmbroker.registry.source.BundledModules;
import org.wasmbroker.registry.source.DirectoryModules;
import org.wasmbroker.report.OutcomeReporter;
import org.wasmbroker.sandbox.Engine;
import org.wasmbroker.sandbox.EngineConfig;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.secret.SecretStore;
import org.wasmbroker.secret.SecretsConfig;
import org.wasmbroker.step.Attempt;
import org.wasmbroker.step.Claim;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepId;
import org.wasmbroker.step.StepIds;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.step.TraceContext;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.ReportEvent.Reason;
import org.wasmbroker.testing.DispatchConfigs;
import org.wasmbroker.testing.HostileGuests;

/**
 * The part of a broker that a guest can reach: an engine, the registry with the hostile and the
 * bundled modules, and the dispatcher. The caller takes the place of the database and gets each
 * step's outcome.
 */
final class HostileRig implements AutoCloseable {
  static final int SLOTS = 32;

  /** Guests that compute at once. */
  static final int PROCESSORS = 2;

  private static final DispatchConfig DISPATCH = DispatchConfigs.of(SLOTS, PROCESSORS);
  static final Limits LIMITS =
      Limits.DEFAULTS
          .withHostCalls(30_000)
          .with(LimitKind.HTTP_CALLS, 100)
          .with(LimitKind.HTTP_RECEIVED, 1 << 20);

  private static final Duration MAX_WAIT = Duration.ofSeconds(30);

  /** A secret that some hostile guests may read. */
  static final String READABLE_SECRET = "correct-horse-battery-staple";

  /** A secret that no guest may read, bound to one server. */
  static final String BOUND_SECRET = "only-for-the-server-of-the-operator";

  /** What every handler is granted if its manifest requests it. */
  static final String POLICY =
      """
      secrets:
        key: []
        bound: ["https://api.operator.test"]
      handlers:
        - handler: "*"
          secrets: [bound]
          readable-secrets: [key]
          cache: {size: 64KiB, entries: 60, ttl: 1m}
          files: {size: 512KiB, entries: 100}
          http:
            - {scheme: http, host: "*.test", port: "*", networks: [127.0.0.2/32], redirects: 5}
      """;

  private final HostileServers peers = new HostileServers();
  private final Egress egress;
  private final GuestCaches caches =
      new GuestCaches(CacheConfig.DEFAULTS, TimeSource.SYSTEM, EventSink.NONE);
  private final Engine engine;
  private final ModuleRegistry registry;
  private final Dispatcher dispatcher;
  private final ConcurrentHashMap<StepId, CompletableFuture<Outcome>> awaited =
      new ConcurrentHashMap<>();

  /**
   * @param generated an empty directory for the generated modules, and the components
   */
  HostileRig(Function<EngineConfig, Engine> start, Path generated) throws IOException {
    this(start, generated, new NoOtherReports(), StepRecorder.NONE);
  }

  /**
   * @param generated an empty directory for the generated modules, and the components
   * @param recorder of the steps
   */
  HostileRig(Function<EngineConfig, Engine> start, Path generated, StepRecorder recorder)
      throws IOException {
    this(start, generated, new NoOtherReports(), recorder);
  }

  /**
   * @param generated an empty directory for the generated modules, and the components
   * @param others takes the outcomes of steps that were not started here
   */
  HostileRig(Function<EngineConfig, Engine> start, Path generated, OutcomeReporter others)
      throws IOException {
    this(start, generated, others, StepRecorder.NONE);
  }

  private HostileRig(
      Function<EngineConfig, Engine> start,
      Path generated,
      OutcomeReporter others,
      StepRecorder recorder)
      throws IOException {
    var config = EngineConfig.of(SLOTS);
    GeneratedModules.generate(generated);
    HostileComponents.generate(generated, generated);
    engine = start.apply(config);
    egress = new Egress(EgressConfig.DEFAULTS, peers::resolve, TimeSource.SYSTEM, EventSink.NONE);
    egress.start();
    registry =
        new ModuleRegistry(
            engine,
            policy(),
            List.of(
                new DirectoryModules(HostileGuests.DIRECTORY, config.moduleBytes()),
                new DirectoryModules(generated, config.moduleBytes()),
                new BundledModules()),
            Duration.ofHours(1),
            EventSink.NONE);
    dispatcher =
        new Dispatcher(
            DISPATCH,
            config.threadStackBytes(),
            registry,
            new StepRunner(
                    GuestServices.accessFactory(egress, secrets(), caches, EventSink.NONE),
                    StepRules.NONE,
                    DISPATCH.retryPolicy(),
                    TimeSource.SYSTEM,
                    () -> 0.5,
                    EventSink.NONE)
                .withRecorder(recorder),
            new OutcomeRouter(others),
            TimeSource.SYSTEM,
            EventSink.NONE);
    dispatcher.start();
  }

  private static Policy policy() {
    return switch (Policy.read(POLICY.getBytes(StandardCharsets.UTF_8), LIMITS)) {
      case PolicyReadResult.Valid(var policy) -> policy;
      case PolicyReadResult.Invalid(var problems) -> throw new IllegalStateException("" + problems);
    };
  }

  private static SecretStore secrets() {
    return SecretStore.open(
        SecretsConfig.DEFAULTS,
        Map.of("WASM_BROKER_SECRET_KEY", READABLE_SECRET, "WASM_BROKER_SECRET_BOUND", BOUND_SECRET),
        TimeSource.SYSTEM);
  }

  HostileServers peers() {
    return peers;
  }

  Engine engine() {
    return engine;
  }

  Dispatcher dispatcher() {
    return dispatcher;
  }

  /**
   * Waits until no step runs or waits: a slot becomes free shortly after its step's outcome is
   * reported.
   */
  void awaitIdle() {
    long began = System.nanoTime();
    while (dispatcher.running() + dispatcher.waiting() > 0) {
      if (System.nanoTime() - began > MAX_WAIT.toNanos()) {
        throw new AssertionError(dispatcher.running() + " steps still run");
      }
      Thread.onSpinWait();
    }
  }

  CompletableFuture<Outcome> run(HostileCase hostileCase) {
    return run(hostileCase.guest(), hostileCase.input().of(peers), hostileCase.timeout());
  }

  /** Accepts a step, and returns its future outcome. */
  CompletableFuture<Outcome> run(String handler, Document document, Duration timeout) {
    var reference = HandlerRef.parse(handler);
    var step =
        new Step(
            new StepIds(new StepId(UUID.randomUUID()), null, null),
            reference.name(),
            reference,
            new Attempt(1, 3),
            timeout,
            document,
            new OwnClaim(UUID.randomUUID()),
            TimeSource.SYSTEM.now(),
            TraceContext.NONE);
    var outcome = new CompletableFuture<Outcome>();
    awaited.put(step.id(), outcome);
    dispatcher.accept(List.of(step));
    return outcome;
  }

  @Override
  public void close() {
    dispatcher.close();
    registry.close();
    engine.close();
    egress.close();
    peers.close();
  }

  private record OwnClaim(UUID id) implements Claim {}

  /** Completes the future that waits for an outcome, or passes the outcome on. */
  private final class OutcomeRouter implements OutcomeReporter {
    private final OutcomeReporter others;

    OutcomeRouter(OutcomeReporter others) {
      this.others = others;
    }

    @Override
    public int capacity() {
      return others.capacity();
    }

    @Override
    public void report(Outcome outcome) {
      var waiting = awaited.remove(outcome.step().id());
      if (waiting == null) {
        others.report(outcome);
      } else {
        waiting.complete(outcome);
      }
    }

    @Override
    public void release(List<Step> steps, Reason reason) {
      for (var step : steps) {
        var waiting = awaited.remove(step.id());
        if (waiting == null) {
          others.release(List.of(step), reason);
        } else {
          waiting.completeExceptionally(new IllegalStateException("given back: " + reason));
        }
      }
    }

    @Override
    public boolean flush(Duration budget) {
      return others.flush(budget);
    }

    @Override
    public List<Step> pending() {
      return others.pending();
    }
  }

  /** For rigs in which all steps are started. */
  private static final class NoOtherReports implements OutcomeReporter {
    @Override
    public int capacity() {
      return Integer.MAX_VALUE / 2;
    }

    @Override
    public void report(Outcome outcome) {
      throw new IllegalStateException("unexpected " + outcome);
    }

    @Override
    public void release(List<Step> steps, Reason reason) {
      throw new IllegalStateException("unexpected " + steps);
    }

    @Override
    public boolean flush(Duration budget) {
      return true;
    }

    @Override
    public List<Step> pending() {
      return List.of();
    }
  }
}
