package org.wasmbroker.app;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.capability.FilesGrant;
import org.wasmbroker.execution.StepInvoker;
import org.wasmbroker.execution.StepRecorder;
import org.wasmbroker.execution.StepRules;
import org.wasmbroker.grant.Policy;
import org.wasmbroker.grant.PolicyWatcher;
import org.wasmbroker.grant.StepAccessFactory;
import org.wasmbroker.registry.ModuleRegistry;
import org.wasmbroker.registry.Resolution;
import org.wasmbroker.registry.Resolution.Resolved;
import org.wasmbroker.registry.route.RolloutRules;
import org.wasmbroker.registry.trust.TrustPolicy;
import org.wasmbroker.registry.trust.TrustWatcher;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.Engine;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.sandbox.files.GuestFiles;
import org.wasmbroker.sandbox.host.GuestCommand;
import org.wasmbroker.step.Attempt;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.RoutingFacts;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepId;
import org.wasmbroker.step.StepIds;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.StepEvent;
import org.wasmbroker.telemetry.Tracing;
import org.wasmbroker.telemetry.micrometer.FileGauges;
import org.wasmbroker.telemetry.micrometer.PrometheusMetrics;

/**
 * What commands stand on that come from no queue, composed as a broker is: engine, registry,
 * policy, what guests reach. Each part is made when a command first needs it, so that a start costs
 * little. Thread-safe.
 */
public final class CommandService implements AutoCloseable {
  private static final Document NO_INPUT = Document.of("{}");

  private final BrokerConfig config;
  private final @Nullable PrometheusMetrics metrics;
  private final StageHealth health = new StageHealth();
  private final EventSink events;
  private final Components components = new Components();
  private final Map<String, Granted> granted = new ConcurrentHashMap<>();
  private @Nullable Engine engine; // guarded by this
  private @Nullable ModuleRegistry registry; // guarded by this
  private @Nullable GuestResources resources; // guarded by this
  private @Nullable TrustPolicy trust; // guarded by this
  private volatile Policy policy;
  private volatile @Nullable InetSocketAddress address;

  /** A handler, and the same with the files of who runs it in place of those of the policy. */
  private record Granted(Resolved handler, FilesGrant files, Resolved with) {}

  /**
   * What is run.
   *
   * @param files what it finds in its directories; null for those of its grants
   * @param onThisThread whether the calling thread has the stack of a guest's thread
   */
  public record Call(
      HandlerRef handler,
      Resolution resolution,
      GuestCommand command,
      @Nullable GuestFiles files,
      Function<Step, GuestLog> logs,
      Duration timeout,
      Cancellation cancellation,
      boolean onThisThread) {}

  public CommandService(BrokerConfig config) {
    this(config, null);
  }

  private CommandService(BrokerConfig config, @Nullable PrometheusMetrics metrics) {
    this.config = config;
    this.metrics = metrics;
    this.policy = config.policy().initial();
    if (metrics == null) {
      this.events = EventSink.NONE;
    } else {
      this.events = EventSink.all(List.of(components.add("metrics", metrics).events(), health));
    }
  }

  /**
   * One that serves metrics and health on {@code http.host} and {@code http.port}.
   *
   * @throws HttpUnavailableException if it cannot listen there
   */
  public static CommandService startWithMetrics(BrokerConfig config) {
    var metrics = new PrometheusMetrics(BrokerVersion.text(), MetricValues.of(config));
    var service = new CommandService(config, metrics);
    boolean started = false;
    try {
      service.serve(metrics);
      started = true;
    } finally {
      if (!started) {
        service.close();
      }
    }
    return service;
  }

  private void serve(PrometheusMetrics page) {
    var info = engine().info();
    var modules = registry();
    page.registerModules(new LoadedModules(modules::loaded));
    page.register(ImageMetrics.of(modules.images()));
    var checks =
        List.of(
            PageFactory.threads(),
            ServiceEndpoints.engine(info),
            new HealthCheck("policy", health::policy));
    var endpoints = components.add("http", ServiceEndpoints.of(config.http(), page, info, checks));
    endpoints.start();
    address = endpoints.address();
  }

  /** Where metrics and health are served; null if they are not. */
  public @Nullable InetSocketAddress metricsAddress() {
    return address;
  }

  /** What is told of what happens. */
  public EventSink events() {
    return events;
  }

  /** The engine, started. */
  public synchronized Engine engine() {
    var started = engine;
    if (started == null) {
      started = components.add("engine", Engines.start(config.engineName(), config.engine()));
      engine = started;
    }
    return started;
  }

  /** The handler that a reference means now. */
  public Resolution resolve(HandlerRef handler) {
    var found = registry();
    return found.resolve(found.route(handler, RoutingFacts.NONE));
  }

  private synchronized ModuleRegistry registry() {
    var made = registry;
    if (made == null) {
      made =
          components.add(
              "registry",
              Modules.registry(
                  engine(),
                  policy,
                  config.registry(),
                  config.engine().moduleBytes(),
                  trust(),
                  RolloutRules.NONE,
                  events));
      registry = made;
    }
    return made;
  }

  /** The policy in force. */
  Policy policy() {
    return policy;
  }

  /** What it demands of modules, with the approvals. */
  synchronized TrustPolicy trust() {
    var made = trust;
    if (made == null) {
      made = TrustPolicy.now(policy.trust(), config.registry().approvals());
      trust = made;
    }
    return made;
  }

  /**
   * Follows the policy's file and the approvals from now on, for commands that start after a
   * change. Called once at most.
   *
   * @param changed is told that other commands may run now
   */
  public void follow(Runnable changed) {
    var file = config.policy().file();
    if (file == null && config.registry().approvals() == null) {
      return;
    }
    var modules = registry();
    var demands = trust();
    var approvals =
        components.add(
            "approvals",
            new TrustWatcher(
                demands,
                config.registry().approvals(),
                config.policy().reload(),
                TimeSource.SYSTEM,
                () -> {
                  modules.trustChanged();
                  changed.run();
                },
                events));
    approvals.start();
    if (file != null) {
      var watcher =
          new PolicyWatcher(
              config.policy(),
              config.limits(),
              config.engine().memoryBytes(),
              other -> {
                policy = other;
                demands.apply(other.trust()); // before anything is granted
                modules.apply(other);
                approvals.apply(other.trust());
              },
              events);
      components.add("policy", watcher).start();
    }
  }

  private synchronized StepAccessFactory accesses() {
    var made = resources;
    if (made == null) {
      made = components.add("guest resources", GuestResources.start(config, Tracing.OFF, events));
      resources = made;
      if (metrics != null) {
        var files = made.files();
        metrics.register(CacheMetrics.of(made.caches()));
        metrics.register(new FileGauges(files::bytes, files::maximumBytes));
      }
    }
    return made.accesses();
  }

  /** Has a handler find these directories, whatever the policy grants of files. */
  public Resolved withFiles(Resolved handler, FilesGrant files) {
    var known = granted.get(handler.id().handler());
    if (known == null || !known.handler().equals(handler) || !known.files().equals(files)) {
      known =
          new Granted(
              handler,
              files,
              new Resolved(
                  handler.id(),
                  handler.module(),
                  handler.grants().with(Capabilities.FILES, files),
                  handler.output()));
      granted.put(handler.id().handler(), known);
    }
    return known.with();
  }

  /** Whether a handler may be given values of secrets, for which its output has to be searched. */
  static boolean mayHaveSecrets(Resolution resolution) {
    return resolution instanceof Resolved handler
        && !handler.grants().of(Capabilities.SECRETS).isEmpty();
  }

  /**
   * Runs a command as a step, and waits for its end. Its result is what the command makes of it,
   * and is compared with no schema. If it may have secrets, its streams get what it wrote when it
   * has ended well, and nothing else.
   *
   * @return null if it was cancelled
   */
  public @Nullable Outcome run(Call call) {
    var outcome = outcome(call);
    if (outcome != null) {
      events.on(new StepEvent.Ended(outcome));
    }
    return outcome;
  }

  private @Nullable Outcome outcome(Call call) {
    if (!mayHaveSecrets(call.resolution())) {
      return run(call, call.command());
    }
    var withheld = new WithheldCommand(call.command());
    var outcome = run(call, withheld);
    if (outcome instanceof Outcome.Completed) {
      withheld.deliver();
    }
    return outcome;
  }

  private @Nullable Outcome run(Call call, GuestCommand command) {
    var opened = accesses().with(Capabilities.COMMAND, (_, _) -> command);
    var files = call.files();
    if (files != null) {
      opened = opened.with(Capabilities.FILES, (_, _) -> files);
    }
    var invoker =
        new StepInvoker(
            config.dispatch().retryPolicy(),
            config.engine().threadStackBytes(),
            opened,
            StepRules.NONE,
            call.logs(),
            StepRecorder.NONE,
            events);
    var step =
        StepInvoker.step(
            new StepIds(new StepId(UUID.randomUUID()), null, null),
            call.handler().name(),
            call.handler(),
            new Attempt(1, 1),
            call.timeout(),
            NO_INPUT);
    var resolution = withoutSchema(call.resolution());
    if (call.onThisThread()) {
      return invoker.runHere(step, () -> resolution, call.cancellation());
    }
    try {
      return invoker.start(step, () -> resolution, call.cancellation()).get();
    } catch (ExecutionException failure) {
      throw new IllegalStateException(failure.getCause());
    } catch (InterruptedException interrupted) {
      call.cancellation().request("the caller was interrupted");
      Thread.currentThread().interrupt();
      return null;
    }
  }

  /** What a command writes goes to its streams: the document that the schema is for is not made. */
  private static Resolution withoutSchema(Resolution resolution) {
    return resolution instanceof Resolved handler && handler.output() != null
        ? new Resolved(handler.id(), handler.module(), handler.grants(), null)
        : resolution;
  }

  @Override
  public void close() {
    components.close();
  }
}
