package org.wasmbroker.app;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.app.HealthCheck.Result;
import org.wasmbroker.dispatch.Dispatcher;
import org.wasmbroker.dispatch.Progress;
import org.wasmbroker.grant.PolicyWatcher;
import org.wasmbroker.intake.LeaseKeeper;
import org.wasmbroker.intake.QueuePoller;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.protocol.WorkerIdentity;
import org.wasmbroker.registry.ModuleRegistry;
import org.wasmbroker.registry.trust.TrustPolicy;
import org.wasmbroker.registry.trust.TrustWatcher;
import org.wasmbroker.report.CompletionReporter;
import org.wasmbroker.sandbox.EngineSupport;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.FailureLog;
import org.wasmbroker.telemetry.micrometer.DatabaseMeters.PoolGauges;
import org.wasmbroker.telemetry.micrometer.PrometheusMetrics;
import org.wasmbroker.telemetry.otel.StepSource;
import org.wasmbroker.telemetry.otel.Traces;

/**
 * The whole broker: every stage, built in dependency order and closed in reverse order. {@link
 * #start} returns when the broker is processing steps; {@link #close} when every thread has ended.
 *
 * <p>Shutdown runs in phases, each with its own time budget: readiness is switched off; claiming
 * stops and waiting steps are released; running steps may finish, and are then interrupted and
 * released; outcomes are written; the lease keeper stops; and finally the engine, the database and
 * the endpoints are closed.
 */
public final class Broker implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Broker.class);
  private static final Duration FLUSH_BUDGET = Duration.ofSeconds(10);

  private enum Phase {
    STARTING,
    RUNNING,
    DRAINING
  }

  private final Components components = new Components();
  private volatile Phase phase = Phase.STARTING;
  private volatile IntSupplier backlog = () -> 0;
  private volatile Supplier<@Nullable Progress> progress = () -> null;
  private final InetSocketAddress httpAddress;

  /** Builds and starts everything; if a component fails to start, the earlier ones are closed. */
  public static Broker start(BrokerConfig config, EventSink... listeners) {
    return new Broker(config, List.of(listeners));
  }

  private Broker(BrokerConfig config, List<EventSink> listeners) {
    try {
      httpAddress = build(config, listeners);
    } catch (RuntimeException | Error failure) {
      close();
      throw failure;
    }
  }

  private InetSocketAddress build(BrokerConfig config, List<EventSink> listeners) {
    DoubleSupplier random = () -> ThreadLocalRandom.current().nextDouble();
    var time = TimeSource.SYSTEM;

    var metrics =
        register("metrics", new PrometheusMetrics(BrokerVersion.text(), MetricValues.of(config)));
    var stageHealth = new StageHealth();
    var all = new ArrayList<>(listeners);
    all.add(new FailureLog());
    all.addFirst(stageHealth);
    var rollout = new BrokerRollout(config.rollout());
    all.addFirst(rollout.counter());
    all.addFirst(metrics.events());
    var worker = WorkerIdentity.ofThisProcess();
    var traces =
        register(
            "traces",
            Traces.start(
                config.traces(),
                BrokerVersion.text(),
                worker.id(),
                new StepSource.Queue(Protocols.onlyQueue(config)),
                time,
                metrics.events()));
    var tracing = traces.tracing();
    if (tracing.isOn()) {
      all.add(traces.events());
      log.info("steps are traced: {}", config.traces().describe());
    }
    var events = EventSink.all(all);

    var database = register("database", Protocols.database(config, "wasm-broker"));
    var queues =
        register("queue metrics", new QueueMonitor(config, queueDatabase(config, database)));
    var engine = register("engine", Engines.start(config.engineName(), config.engine()));
    var support = EngineSupport.of(engine.info());
    metrics.registerEngine(
        engine.info(),
        support.map(EngineSupport::released).orElse(null),
        support.map(EngineSupport::supportEnds).orElse(null));
    metrics
        .database()
        .register(
            new PoolGauges(
                () -> database.pool().active(),
                () -> database.pool().idle(),
                () -> database.pool().waiting(),
                () -> config.database().poolSize()));
    var trustPolicy = new TrustPolicy(config.policy().initial().trust(), time);
    var registry =
        register(
            "registry",
            Modules.registry(
                engine,
                config.policy().initial(),
                config.registry(),
                config.engine().moduleBytes(),
                trustPolicy,
                rollout.rules(),
                events));
    metrics.registerModules(new LoadedModules(registry::loaded));
    metrics.register(ImageMetrics.of(registry.images()));
    var trust = watchTrust(config, trustPolicy, registry, time, events);
    watchPolicy(config, registry, trust, events);
    var context =
        new EndpointContext(
            config,
            new BrokerInfo(BrokerVersion.text(), engine.info()),
            worker,
            metrics,
            stageHealth,
            database,
            queues.depths(),
            registry,
            () -> rollout.health(stageHealth.rolloutFile()),
            this::phaseStatus,
            () -> (double) backlog.getAsInt() / config.report().backlog(),
            () -> progress.get());
    var http =
        register(
            "http",
            new HttpEndpoints(config.http(), threads -> PageFactory.create(context, threads)));
    http.start();

    var protocol = register("protocol", Protocols.open(config, database, worker, registry, events));
    registry.startListing();
    protocol.prepare();
    register("rollout", rollout).start(database, worker, registry, events);

    var reporter =
        register(
            "reporter",
            new CompletionReporter(config.report(), protocol, time, random, events, tracing));
    reporter.start();
    backlog = reporter::size;
    var dispatcher =
        register(
            "dispatcher",
            new Dispatcher(
                config.dispatch(),
                config.engine().threadStackBytes(),
                registry,
                new StepRunnerFactory(config, tracing, events, components)
                    .create(protocol, metrics),
                reporter,
                time,
                events));
    dispatcher.start();
    metrics.register(
        DispatchMetrics.of(dispatcher, reporter::size, config.dispatch().drainGrace()));
    progress = dispatcher::progress;
    var leases = register("leases", new LeaseKeeper(protocol, dispatcher, time, random, events));
    leases.start();
    register("steps", () -> drain(dispatcher, reporter, config.dispatch().drainGrace()));
    var poller =
        register(
            "poller",
            new QueuePoller(config.intake(), protocol, dispatcher, time, random, events, tracing));
    poller.start();

    queues.start(metrics.database());

    phase = Phase.RUNNING;
    registry.loadInBackground();
    var address = http.address();
    log.atInfo()
        .addKeyValue("version", BrokerVersion.text())
        .addKeyValue("engine", engine.info())
        .addKeyValue("protocol", config.protocol())
        .addKeyValue("queues", Protocols.queues(config))
        .addKeyValue("slots", config.dispatch().slots())
        .addKeyValue("processors", config.dispatch().processors())
        .addKeyValue("http", address)
        .log("taking steps");
    return address;
  }

  private TrustWatcher watchTrust(
      BrokerConfig config,
      TrustPolicy policy,
      ModuleRegistry registry,
      TimeSource time,
      EventSink events) {
    var watch =
        new TrustWatcher(
            policy,
            config.registry().approvals(),
            config.policy().reload(),
            time,
            registry::trustChanged,
            events);
    register("approvals", watch).start();
    return watch;
  }

  private void watchPolicy(
      BrokerConfig config, ModuleRegistry registry, TrustWatcher trust, EventSink events) {
    if (config.policy().file() != null) {
      var watch =
          new PolicyWatcher(
              config.policy(),
              config.limits(),
              config.engine().memoryBytes(),
              policy -> {
                trust.apply(policy.trust());
                registry.apply(policy);
              },
              events);
      register("policy", watch).start();
    }
  }

  /** Connections for reading queue depths, if the queues are in a separate database. */
  private Database queueDatabase(BrokerConfig config, Database database) {
    var separate = config.tasker().queueDatabase();
    return config.protocol() == ProtocolName.STANDALONE || separate == null
        ? database
        : register("queues", Database.open(separate.withPoolSize(2), "wasm-broker metrics"));
  }

  private <T extends AutoCloseable> T register(String name, T component) {
    return components.add(name, component);
  }

  /** The address on which health and metrics are served. */
  public InetSocketAddress httpAddress() {
    return httpAddress;
  }

  private Result phaseStatus() {
    return switch (phase) {
      case STARTING -> Result.failing("starting");
      case RUNNING -> Result.ok("taking steps");
      case DRAINING -> Result.failing("draining");
    };
  }

  private static void drain(Dispatcher dispatcher, CompletionReporter reporter, Duration grace) {
    if (!dispatcher.drain(grace)) {
      log.warn("some steps did not stop when interrupted; their leases will expire");
    }
    if (!reporter.flush(FLUSH_BUDGET)) {
      log.atWarn()
          .addKeyValue("outcomes", reporter.size())
          .log("outcomes could not be written in time; their steps will run again");
    }
  }

  /** Stops in phases; later calls do nothing. */
  @Override
  public void close() {
    phase = Phase.DRAINING;
    components.close();
  }
}
