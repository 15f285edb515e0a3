package org.wasmbroker.app;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.app.HealthCheck.Result;
import org.wasmbroker.concurrent.TaskLoop;
import org.wasmbroker.dispatch.CalledSteps;
import org.wasmbroker.dispatch.Dispatcher;
import org.wasmbroker.dispatch.Progress;
import org.wasmbroker.execution.StepInvoker;
import org.wasmbroker.execution.StepRules;
import org.wasmbroker.grant.Policy;
import org.wasmbroker.grant.PolicyWatcher;
import org.wasmbroker.mcp.HttpTransport;
import org.wasmbroker.mcp.McpServer;
import org.wasmbroker.mcp.ToolCatalog;
import org.wasmbroker.plan.catalog.HandlerEntry;
import org.wasmbroker.protocol.WorkerIdentity;
import org.wasmbroker.registry.ModuleRegistry;
import org.wasmbroker.registry.trust.TrustPolicy;
import org.wasmbroker.registry.trust.TrustWatcher;
import org.wasmbroker.sandbox.Engine;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.FailureLog;
import org.wasmbroker.telemetry.Tracing;
import org.wasmbroker.telemetry.micrometer.PrometheusMetrics;
import org.wasmbroker.telemetry.otel.StepSource;
import org.wasmbroker.telemetry.otel.Traces;

/**
 * What an MCP server stands on, composed as a broker is, without a queue and a database: engine,
 * registry, policy, rollout, what guests reach, and what admits calls as steps of a queue are.
 * Closed in the reverse order.
 */
public final class McpService implements AutoCloseable {
  private final BrokerConfig config;
  private final @Nullable PrometheusMetrics metrics;
  private final StageHealth health = new StageHealth();
  private final WorkerIdentity worker = WorkerIdentity.ofThisProcess();
  private final Components components = new Components();
  private final BrokerRollout rollout;
  private final Tracing tracing;
  private final EventSink events;
  private volatile Policy policy;
  private volatile @Nullable CalledSteps steps;
  private volatile @Nullable McpServer server;

  /** Lists the installed handlers with what a policy lets them do. */
  @FunctionalInterface
  public interface Handlers {
    /**
     * One release of each.
     *
     * @param stable the exact reference that a rollout has for a handler; null for the newest
     */
    List<HandlerEntry> list(
        Policy policy, TrustPolicy trust, Function<String, @Nullable HandlerRef> stable);
  }

  private McpService(BrokerConfig config, @Nullable PrometheusMetrics metrics) {
    this.config = config;
    this.metrics = metrics;
    this.rollout = new BrokerRollout(config.rollout());
    var sinks = new ArrayList<EventSink>();
    if (metrics != null) {
      sinks.add(components.add("metrics", metrics).events());
    }
    sinks.addAll(List.of(rollout.counter(), health, new FailureLog()));
    var traces =
        components.add("traces", traces(config, worker, EventSink.all(List.copyOf(sinks))));
    this.tracing = traces.tracing();
    if (tracing.isOn()) {
      sinks.add(traces.events());
    }
    this.events = EventSink.all(sinks);
    this.policy = config.policy().initial();
  }

  /** Starts it, with the tools that there are now; if that fails, nothing is left running. */
  public static McpService start(BrokerConfig config, Handlers handlers) {
    return new McpService(config, null).started(handlers);
  }

  /** Starts it, and serves its metrics and health as a broker does. */
  public static McpService startWithMetrics(BrokerConfig config, Handlers handlers) {
    HttpTransport.applyLimits(config.mcp());
    var metrics = new PrometheusMetrics(BrokerVersion.text(), MetricValues.of(config));
    return new McpService(config, metrics).started(handlers);
  }

  private McpService started(Handlers handlers) {
    boolean started = false;
    try {
      startParts(handlers);
      started = true;
    } finally {
      if (!started) {
        close();
      }
    }
    return this;
  }

  private static Traces traces(BrokerConfig config, WorkerIdentity worker, EventSink told) {
    return Traces.start(
        config.traces(),
        BrokerVersion.text(),
        worker.id(),
        new StepSource.Calls(),
        TimeSource.SYSTEM,
        told);
  }

  private void startParts(Handlers handlers) {
    var time = TimeSource.SYSTEM;
    var engine = components.add("engine", Engines.start(config.engineName(), config.engine()));
    if (metrics != null) {
      serveMetrics(metrics, engine);
    }
    var trust = new TrustPolicy(policy.trust(), time);
    var registry = components.add("registry", registry(engine, trust));
    var catalog =
        new ToolCatalog(config.mcp().tools(), () -> handlers.list(policy, trust, rollout::stable));
    var refreshed =
        components.add(
            "tools", new TaskLoop("mcp-tools", config.registry().rescan(), () -> again(catalog)));
    var approvals =
        components.add(
            "approvals",
            new TrustWatcher(
                trust,
                config.registry().approvals(),
                config.policy().reload(),
                time,
                () -> {
                  registry.trustChanged();
                  refreshed.wake();
                },
                events));
    approvals.start();
    watchPolicy(registry, approvals, refreshed);
    registry.startListing();
    if (metrics != null) {
      registry.loadInBackground(); // a server of one client loads what that client calls
    }
    components.add("rollout", rollout).startAlone(worker, registry, events, refreshed::wake);
    catalog.refresh();
    refreshed.start();
    var admitted = components.add("steps", steps(registry));
    admitted.start();
    if (metrics != null) {
      register(metrics, registry, admitted.dispatcher());
    }
    steps = admitted;
    server =
        new McpServer(
            config.mcp(),
            catalog,
            (handler, document, trace, cancellation, lines) ->
                admitted.call(
                    StepInvoker.newStep(handler, document).withTrace(trace), cancellation, lines),
            BrokerVersion.text(),
            config.registry().rescan(),
            events);
  }

  private CalledSteps steps(ModuleRegistry registry) {
    return new CalledSteps(
        config.dispatch(),
        config.engine().threadStackBytes(),
        registry,
        new StepRunnerFactory(config, tracing, events, components)
            .create(StepRules.NONE, metrics)
            .withLogs(CalledSteps::log),
        TimeSource.SYSTEM,
        events);
  }

  private void register(PrometheusMetrics page, ModuleRegistry registry, Dispatcher dispatcher) {
    page.registerModules(new LoadedModules(registry::loaded));
    page.register(ImageMetrics.of(registry.images()));
    page.register(DispatchMetrics.of(dispatcher, () -> 0, config.dispatch().drainGrace()));
  }

  private void serveMetrics(PrometheusMetrics page, Engine engine) {
    var checks =
        List.of(
            new HealthCheck(
                "mcp", () -> server == null ? Result.failing("starting") : Result.ok("serving")),
            PageFactory.threads(),
            PageFactory.progress(this::progress),
            ServiceEndpoints.engine(engine.info()),
            new HealthCheck("policy", health::policy),
            new HealthCheck("rollout", () -> rollout.health(health.rolloutFile())));
    components.add("http", ServiceEndpoints.of(config.http(), page, engine.info(), checks)).start();
  }

  private @Nullable Progress progress() {
    var started = steps;
    return started == null ? null : started.dispatcher().progress();
  }

  private ModuleRegistry registry(Engine engine, TrustPolicy trust) {
    return Modules.registry(
        engine,
        policy,
        config.registry(),
        config.engine().moduleBytes(),
        trust,
        rollout.rules(),
        events);
  }

  private Duration again(ToolCatalog catalog) {
    catalog.refresh();
    return config.registry().rescan();
  }

  private void watchPolicy(ModuleRegistry registry, TrustWatcher approvals, TaskLoop refreshed) {
    if (config.policy().file() != null) {
      components
          .add(
              "policy",
              new PolicyWatcher(
                  config.policy(),
                  config.limits(),
                  config.engine().memoryBytes(),
                  changed -> {
                    approvals.apply(changed.trust());
                    registry.apply(changed);
                    policy = changed;
                    refreshed.wake();
                  },
                  events))
          .start();
    }
  }

  /** What serves requests. */
  public McpServer server() {
    return Objects.requireNonNull(server, "it has started");
  }

  /** What sees the events of its transports. */
  public EventSink events() {
    return events;
  }

  @Override
  public void close() {
    components.close();
  }
}
