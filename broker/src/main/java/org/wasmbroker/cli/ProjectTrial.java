package org.wasmbroker.cli;

import java.io.IOException;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.wasmbroker.app.BrokerConfig;
import org.wasmbroker.app.Engines;
import org.wasmbroker.app.GuestResources;
import org.wasmbroker.example.ExampleOutcome;
import org.wasmbroker.example.ExampleRunner;
import org.wasmbroker.execution.StepInvoker;
import org.wasmbroker.grant.Grants;
import org.wasmbroker.project.HandlerProject;
import org.wasmbroker.project.ProjectException;
import org.wasmbroker.project.ProjectFiles;
import org.wasmbroker.registry.Resolution.Resolved;
import org.wasmbroker.registry.release.Example;
import org.wasmbroker.registry.release.Manifest;
import org.wasmbroker.registry.release.ManifestReader;
import org.wasmbroker.registry.release.ModuleSourceException;
import org.wasmbroker.sandbox.CompiledModule;
import org.wasmbroker.sandbox.Engine;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.sandbox.ModuleRefusedException;
import org.wasmbroker.sandbox.ModuleRefusedException.Reason;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.Outcome;

/**
 * Tries handlers of projects in the sandbox, as a broker with this configuration would run them:
 * what no policy grants is denied.
 */
final class ProjectTrial implements AutoCloseable {
  private final BrokerConfig config;
  private final Engine engine;
  private final GuestResources resources;

  /**
   * A handler that can be run.
   *
   * @param compiled closed by whoever has it
   */
  record Loaded(Manifest manifest, Resolved module, CompiledModule compiled)
      implements AutoCloseable {
    HandlerRef handler() {
      return new HandlerRef(manifest.name(), null);
    }

    @Override
    public void close() {
      compiled.close();
    }
  }

  private ProjectTrial(BrokerConfig config, Engine engine, GuestResources resources) {
    this.config = config;
    this.engine = engine;
    this.resources = resources;
  }

  static ProjectTrial start(BrokerConfig config) {
    var engine = Engines.start(config.engineName(), config.engine());
    try {
      return new ProjectTrial(config, engine, GuestResources.start(config));
    } catch (RuntimeException | Error failure) {
      engine.close();
      throw failure;
    }
  }

  /** The manifest of a project, whose name and version are its own to choose. */
  static Manifest manifest(HandlerProject project) throws IOException {
    return manifest(project, Document.of(project.manifestBytes()));
  }

  private static Manifest manifest(HandlerProject project, Document document) {
    var location = project.directory().toString();
    try {
      return ManifestReader.read(document, ManifestReader.identify(document, location), location);
    } catch (ModuleSourceException invalid) {
      throw new ProjectException(String.valueOf(invalid.getMessage()), invalid);
    }
  }

  /**
   * Reads and compiles what was built.
   *
   * @throws ProjectException if manifest or module cannot be used; the message says why
   */
  Loaded load(HandlerProject project) throws IOException {
    var files =
        ProjectFiles.read(project, config.engine().moduleBytes(), config.engine().library());
    var manifest = manifest(project, files.manifest());
    var grants = affordable(manifest.grants(config.policy().initial()));
    try {
      var compiled = engine.compile(files.wasm(), grants.limits());
      var refusal = grants.refusal(compiled);
      if (refusal.isPresent()) {
        compiled.close();
        throw new ModuleRefusedException(Reason.NOT_GRANTED, refusal.orElseThrow());
      }
      var id = new ModuleId(manifest.name(), manifest.version().toString(), files.wasm().digest());
      return new Loaded(
          manifest, new Resolved(id, compiled, grants, manifest.outputSchema()), compiled);
    } catch (ModuleRefusedException refused) {
      throw new ProjectException(
          "the broker refuses the module %s: %s"
              .formatted(project.relative(project.module()), refused.getMessage()),
          refused);
    }
  }

  private Grants affordable(Grants grants) {
    var limits = grants.limits();
    long memory = Math.min(limits.memoryBytes(), config.engine().memoryBytes());
    return grants.withLimits(limits.withMemoryBytes(memory));
  }

  /** Runs the examples whose names are wanted, one after the other. */
  void run(Loaded handler, Predicate<Example> wanted, Consumer<ExampleOutcome> each) {
    var runner =
        new ExampleRunner(
            config.dispatch().retryPolicy(),
            config.engine().threadStackBytes(),
            resources.accesses());
    for (var example : handler.manifest().examples()) {
      if (wanted.test(example)) {
        each.accept(runner.run(example, handler.handler(), handler.module()));
      }
    }
  }

  /** Runs one step. */
  Outcome run(Loaded handler, Document input, GuestLog log) {
    var invoker =
        new StepInvoker(
            config.dispatch().retryPolicy(),
            config.engine().threadStackBytes(),
            resources.accesses(),
            _ -> log);
    return invoker.run(handler.handler(), handler.module(), input);
  }

  @Override
  public void close() {
    resources.close();
    engine.close();
  }
}
