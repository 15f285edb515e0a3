package org.wasmbroker.doctor;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.app.BrokerConfig;
import org.wasmbroker.app.Engines;
import org.wasmbroker.app.Modules;
import org.wasmbroker.app.Protocols;
import org.wasmbroker.app.TemplateCheck;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.DatabaseConfig;
import org.wasmbroker.registry.ModuleRegistry;
import org.wasmbroker.registry.ReleaseStatus;
import org.wasmbroker.sandbox.Engine;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.otel.CollectorCheck;

/** Checks everything that a broker with a given configuration needs, and changes nothing. */
public final class Doctor {
  private static final int CONNECTIONS = 2;
  private static final Duration COLLECTOR_TIMEOUT = Duration.ofSeconds(2);

  private final BrokerConfig config;
  private final Findings findings = new Findings();

  private Doctor(BrokerConfig config) {
    this.config = config;
  }

  /** All findings; causes come before their effects. */
  public static List<Finding> check(BrokerConfig config) {
    var doctor = new Doctor(config);
    doctor.check();
    return doctor.findings.all();
  }

  private void check() {
    checkTraces();
    var engine =
        findings.attempt(
            "engine",
            "set engine.library, or set engine.name to the other engine",
            () -> Engines.start(config.engineName(), config.engine()));
    if (engine == null) {
      checkDatabase(null);
      return;
    }
    try (engine) {
      findings.ok("engine", engine.info().toString());
      checkModules(engine);
    }
  }

  /** A broker without its collector runs steps all the same. */
  private void checkTraces() {
    var problem = CollectorCheck.problem(config.traces(), COLLECTOR_TIMEOUT);
    if (problem == null) {
      findings.ok("traces", config.traces().describe());
    } else {
      findings.warning(
          "traces",
          problem,
          "see OTEL_EXPORTER_OTLP_ENDPOINT and the collector; spans are dropped until then");
    }
  }

  private void checkModules(Engine engine) {
    try (var registry =
        Modules.registry(
            engine,
            config.policy().initial(),
            config.registry(),
            config.engine().moduleBytes(),
            EventSink.NONE)) {
      registry.refresh();
      reportSources(registry);
      var modules = registry.describe();
      if (modules.isEmpty()) {
        findings.failed(
            "modules", "no modules found", "set registry.directory to a directory with modules");
      }
      modules.forEach(this::check);
      checkDatabase(new TemplateCheck(registry));
    }
  }

  private void reportSources(ModuleRegistry registry) {
    for (var problem : registry.sourceProblems()) {
      findings.failed(
          "modules",
          "%s: %s".formatted(problem.location(), problem.message()),
          "see to the source; what is kept of it is used until then");
    }
  }

  private void check(ReleaseStatus module) {
    var name = module.handler() + "@" + module.version();
    switch (module.state()) {
      case READY ->
          findings.ok(
              "module", "%s sha256:%s from %s".formatted(name, module.digest(), module.location()));
      case LISTED, LOADING ->
          findings.ok("module", "%s from %s, not loaded".formatted(name, module.location()));
      case REFUSED ->
          refused(
              module,
              name,
              module.mayPass()
                  ? "modules are compiled in processes of their own: see whether memory and the"
                      + " limit on processes allow for them"
                  : "rebuild it for guest ABI v1, or remove it");
      case UNTRUSTED ->
          refused(module, name, "sign it with a key of the policy, or change the policy");
      case AWAITING_APPROVAL -> refused(module, name, "approve it, or remove it");
    }
  }

  private void refused(ReleaseStatus module, String name, String remedy) {
    findings.failed(
        "module",
        "%s from %s cannot be used: %s".formatted(name, module.location(), module.problem()),
        remedy);
  }

  private void checkDatabase(@Nullable TemplateCheck templates) {
    try (var database = Protocols.database(withSmallPool(), "wasm-broker doctor")) {
      switch (config.protocol()) {
        case STANDALONE -> new StandaloneSetupCheck(config, database, findings).run();
        case TASKER -> checkTasker(database, templates);
      }
    }
  }

  private void checkTasker(Database database, @Nullable TemplateCheck templates) {
    var separate = config.tasker().queueDatabase();
    if (separate == null) {
      new TaskerSetupCheck(config.tasker(), database, database, templates, findings).run(config);
      return;
    }
    try (var queues = openQueueDatabase(separate)) {
      new TaskerSetupCheck(config.tasker(), database, queues, templates, findings).run(config);
    }
  }

  private static Database openQueueDatabase(DatabaseConfig queues) {
    return Database.open(queues.withPoolSize(CONNECTIONS), "wasm-broker doctor");
  }

  private BrokerConfig withSmallPool() {
    return config.withDatabase(config.database().withPoolSize(CONNECTIONS));
  }
}
