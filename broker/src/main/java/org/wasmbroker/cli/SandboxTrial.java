package org.wasmbroker.cli;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.app.BrokerConfig;
import org.wasmbroker.app.Engines;
import org.wasmbroker.app.Modules;
import org.wasmbroker.execution.StepInvoker;
import org.wasmbroker.grant.Grants;
import org.wasmbroker.grant.Policy;
import org.wasmbroker.grant.StepAccessFactory;
import org.wasmbroker.plan.Trial;
import org.wasmbroker.registry.ModuleRegistry;
import org.wasmbroker.registry.Resolution;
import org.wasmbroker.registry.Resolution.Resolved;
import org.wasmbroker.sandbox.Engine;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.RoutingFacts;
import org.wasmbroker.telemetry.EventSink;

/**
 * Tries configurations in the sandbox, with the basic functions only and little time. The engine is
 * started when the first one is tried.
 */
final class SandboxTrial implements Trial, AutoCloseable {
  private static final Duration TIME = Duration.ofSeconds(10);
  private static final GuestLog SILENT = (level, message, fields) -> {};

  private final BrokerConfig config;
  private final Policy policy;
  private @Nullable Engine engine;
  private @Nullable ModuleRegistry registry;

  SandboxTrial(BrokerConfig config, Policy policy) {
    this.config = config;
    this.policy = policy;
  }

  @Override
  public Outcome run(HandlerRef handler, Document stepDocument) {
    var started = registry();
    var resolution = started.resolve(started.route(handler, RoutingFacts.NONE));
    return new StepInvoker(
            config.dispatch().retryPolicy(),
            config.engine().threadStackBytes(),
            StepAccessFactory.BASIC,
            _ -> SILENT)
        .run(handler, restricted(resolution), stepDocument);
  }

  /** What it makes of no data is no result that anybody promised. */
  private static Resolution restricted(Resolution resolution) {
    if (!(resolution instanceof Resolved(var id, var module, var grants, _))) {
      return resolution;
    }
    var limits = grants.limits();
    var basic =
        Grants.basic(limits.time().compareTo(TIME) > 0 ? limits.withTime(TIME) : limits)
            .withNewWork(0);
    return new Resolved(id, module, basic, null);
  }

  private ModuleRegistry registry() {
    var started = registry;
    if (started == null) {
      engine = Engines.start(config.engineName(), config.engine());
      started =
          Modules.registry(
              engine, policy, config.registry(), config.engine().moduleBytes(), EventSink.NONE);
      registry = started;
    }
    return started;
  }

  @Override
  public void close() {
    if (registry != null) {
      registry.close();
    }
    if (engine != null) {
      engine.close();
    }
  }
}
