package org.wasmbroker.bench;

import java.util.Locale;
import org.wasmbroker.app.EngineName;
import org.wasmbroker.app.Engines;
import org.wasmbroker.app.Modules;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.grant.Policy;
import org.wasmbroker.registry.ModuleRegistry;
import org.wasmbroker.registry.RegistryConfig;
import org.wasmbroker.registry.Resolution;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.CompiledModule;
import org.wasmbroker.sandbox.Engine;
import org.wasmbroker.sandbox.EngineConfig;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.sandbox.Invocation;
import org.wasmbroker.sandbox.InvocationResult;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.telemetry.EventSink;

/** A bundled handler on an engine with a matching step document, ready to run. */
final class BenchGuest implements AutoCloseable {
  private static final String FILTER =
      """
      {"filter":"[.context.lines[] | .price * .quantity] | add | {total: .}"}""";
  private static final String FILTER_AND_SCHEMA =
      """
      {"filter":"[.context.lines[] | .price * .quantity] | add | {total: .}","output":{"type":"object",\
      "required":["total"],"properties":{"total":{"type":"number","minimum":0}}}}""";

  private final Engine engine;
  private final ModuleRegistry registry;
  private final CompiledModule module;
  private final Limits limits;
  private final Document document;

  /**
   * @param workload {@code echo}, {@code noop}, {@code transform}, or {@code transform+schema}
   */
  BenchGuest(String engineName, String workload, int slots) {
    engine = Engines.start(engine(engineName), EngineConfig.of(slots));
    registry =
        Modules.registry(
            engine,
            Policy.none(Limits.DEFAULTS),
            RegistryConfig.DEFAULTS,
            20 << 20,
            EventSink.NONE);
    document = document(workload);
    var resolution = registry.resolve(HandlerRef.parse(workload.replace("+schema", "")));
    if (!(resolution instanceof Resolution.Resolved(var id, var compiled, var granted, _))) {
      throw new IllegalStateException(resolution.toString());
    }
    module = compiled;
    limits = granted.limits();
    if (!(run() instanceof InvocationResult.Completed)) {
      throw new IllegalStateException(workload + " did not complete: " + run());
    }
  }

  static EngineName engine(String name) {
    return EngineName.valueOf(name.toUpperCase(Locale.ROOT).replace('-', '_'));
  }

  static Document document(String workload) {
    var config =
        switch (workload) {
          case "transform" -> FILTER;
          case "transform+schema" -> FILTER_AND_SCHEMA;
          default -> "{}";
        };
    return Document.of(
        """
      {"step":{"step_uuid":"0199d6a2-6c1e-7d1a-a1f0-0a4b5c6d7e8f","name":"bench","handler":"h","attempt":1,\
      "max_attempts":3,"deadline_ms":30000,"inputs":{}},"task":null,"config":%s,"context":{"lines":[\
      {"sku":"P-1","price":250,"quantity":2},{"sku":"P-2","price":1200,"quantity":1},\
      {"sku":"P-3","price":40,"quantity":12}]},"deps":{},"prev":null,"checkpoint":null}"""
            .formatted(config));
  }

  /** One run in a fresh instance. */
  InvocationResult run() {
    return module.run(
        new Invocation(
            "handler",
            document,
            limits,
            new Cancellation(),
            GuestLog.NONE,
            Capabilities.STANDARD.basicAccess()));
  }

  @Override
  public void close() {
    registry.close();
    engine.close();
  }
}
