package org.wasmbroker.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.app.BrokerConfig;
import org.wasmbroker.app.Engines;
import org.wasmbroker.app.GuestResources;
import org.wasmbroker.app.Modules;
import org.wasmbroker.environment.ProcessText;
import org.wasmbroker.execution.StepInvoker;
import org.wasmbroker.execution.StepRecorder;
import org.wasmbroker.execution.StepRules;
import org.wasmbroker.grant.Grants;
import org.wasmbroker.grant.StepAccessFactory;
import org.wasmbroker.registry.Resolution;
import org.wasmbroker.registry.Resolution.Refused;
import org.wasmbroker.registry.Resolution.Resolved;
import org.wasmbroker.registry.Resolution.Unknown;
import org.wasmbroker.sandbox.Engine;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.sandbox.ModuleRefusedException;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.RoutingFacts;
import org.wasmbroker.step.Step;
import org.wasmbroker.telemetry.EventSink;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs one step without a database. */
@Command(
    name = "invoke",
    description = {
      "Run one step without a database, exactly as a step from a queue is run.",
      "The result or error goes to standard output, as a queue would get it; the receipt and the"
          + " guest's log lines go to standard error. The exit code is 1 if the step failed."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example:",
      "  echo '{\"config\":{\"filter\":\".context|add\"},\"context\":[1,2]}' | wasm-broker invoke"
          + " transform -i -"
    })
final class InvokeCommand implements Callable<Integer> {
  /** The handler of a step that runs a file, which has no name. */
  private static final HandlerRef FILE = HandlerRef.parse("invoked");

  @Spec private @Nullable CommandSpec spec;

  @Mixin private final ConfigOptions options = new ConfigOptions();

  @Parameters(
      paramLabel = "MODULE",
      description =
          "A handler such as transform or transform@1.0, or the path of a WebAssembly file (with a"
              + " '/' in it, or ending in .wasm).")
  private String module = "";

  @Option(
      names = {"-i", "--input"},
      paramLabel = "FILE",
      required = true,
      description = "The step document that the guest reads; - is standard input.")
  private String input = "";

  @Option(
      names = {"-n", "--repeat"},
      paramLabel = "N",
      defaultValue = "1",
      description = "Run it N times, each in a fresh instance, and print the last outcome.")
  private int repeat = 1;

  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      description = "How long the guest may run, such as 500ms (sets limits.time).")
  private @Nullable String timeout;

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      description = "How much memory the guest may have, such as 16MiB (sets limits.memory).")
  private @Nullable String memory;

  @Option(
      names = "--policy",
      paramLabel = "FILE",
      description = "What the handler may use (sets policy.file); not applied to a .wasm file.")
  private @Nullable String policy;

  @Mixin private final EngineOption engineOption = new EngineOption();

  @Option(
      names = "--record",
      paramLabel = "FILE",
      description =
          "Record the run into a file, replacing it, whatever the outcome; see replay. With"
              + " --repeat, the last run.")
  private @Nullable Path record;

  @Override
  public Integer call() throws IOException {
    var console = Console.of(Objects.requireNonNull(spec));
    if (repeat < 1) {
      throw new UsageException("--repeat must be at least 1, was " + repeat);
    }
    options.put("limits.time", timeout);
    options.put("limits.memory", memory);
    options.put("policy.file", policy);
    engineOption.putInto(options);
    options.putDefault("log.level", "warn");
    var config = options.load();
    var document = document();
    try (var engine = Engines.start(config.engineName(), config.engine())) {
      return isPath()
          ? runFile(engine, config, document, console)
          : runHandler(engine, config, document, console);
    }
  }

  private boolean isPath() {
    return module.contains("/") || module.endsWith(".wasm");
  }

  private Document document() throws IOException {
    return Document.of(
        input.equals("-") ? System.in.readAllBytes() : Files.readAllBytes(ProcessText.path(input)));
  }

  /**
   * A file has no manifest: it gets the basic grants, and its result is checked against no schema.
   */
  private int runFile(Engine engine, BrokerConfig config, Document document, Console console)
      throws IOException {
    var path = ProcessText.path(module);
    var wasm = new WasmBinary(Files.readAllBytes(path));
    try (var compiled = engine.compile(wasm, config.limits())) {
      var id = new ModuleId(String.valueOf(path.getFileName()), "(no version)", wasm.digest());
      var grants = Grants.basic(config.limits());
      var refusal = grants.refusal(compiled);
      var resolution =
          refusal.isPresent()
              ? new Refused(refusal.orElseThrow())
              : new Resolved(id, compiled, grants, null);
      return run(config, StepAccessFactory.BASIC, FILE, resolution, document, console);
    } catch (ModuleRefusedException refused) {
      var reason = String.valueOf(refused.getMessage());
      return run(config, StepAccessFactory.BASIC, FILE, new Refused(reason), document, console);
    }
  }

  private int runHandler(Engine engine, BrokerConfig config, Document document, Console console)
      throws IOException {
    var handler = HandlerArgument.parse(module);
    try (var registry =
            Modules.registry(
                engine,
                config.policy().initial(),
                config.registry(),
                config.engine().moduleBytes(),
                EventSink.NONE);
        var resources = GuestResources.start(config)) {
      var resolution = registry.resolve(registry.route(handler, RoutingFacts.NONE));
      if (resolution instanceof Unknown(var message, _)) {
        throw new UsageException(message);
      }
      return run(config, resources.accesses(), handler, resolution, document, console);
    }
  }

  private static StepInvoker invoker(
      BrokerConfig config, StepAccessFactory accesses, Console console, StepRecorder recorder) {
    return new StepInvoker(
        config.dispatch().retryPolicy(),
        config.engine().threadStackBytes(),
        accesses,
        StepRules.NONE,
        log(console),
        recorder);
  }

  private int run(
      BrokerConfig config,
      StepAccessFactory accesses,
      HandlerRef handler,
      Resolution resolution,
      Document document,
      Console console)
      throws IOException {
    var invoker = invoker(config, accesses, console, StepRecorder.NONE);
    for (int i = 1; i < repeat; i++) {
      invoker.run(handler, resolution, document);
    }
    var recorded = record == null ? null : new RecordedRun(config);
    var last = recorded == null ? invoker : invoker(config, accesses, console, recorded.recorder());
    var outcome = last.run(handler, resolution, document);
    if (recorded != null) {
      recorded.write(Objects.requireNonNull(record), console);
    }
    return new OutcomePrinter(console).print(outcome);
  }

  private static Function<Step, GuestLog> log(Console console) {
    return step ->
        (level, message, fields) ->
            console.error(
                console.dim(
                    "guest " + level + ": " + message + (fields == null ? "" : " " + fields)));
  }
}
