package org.wasmbroker.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.app.BrokerConfig;
import org.wasmbroker.app.Engines;
import org.wasmbroker.app.Modules;
import org.wasmbroker.registry.Resolution;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.CompiledModule;
import org.wasmbroker.sandbox.Engine;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.sandbox.Invocation;
import org.wasmbroker.sandbox.InvocationResult;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.ModuleRefusedException;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.telemetry.BrokerEvents;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs one module with no database. */
@Command(
    name = "invoke",
    description = {
      "Run a module without a database.",
      "The result document goes to standard output; the receipt and the guest's log lines go to standard error."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example:",
      "  echo '{\"config\":{\"filter\":\".context|add\"},\"context\":[1,2]}' | wasm-broker invoke transform -i -"
    })
final class InvokeCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Mixin private final ConfigOptions options = new ConfigOptions();

  @Parameters(
      paramLabel = "MODULE",
      description =
          "A handler such as transform or transform@1.0, or the path of a WebAssembly file (with a '/' in it, or ending in .wasm).")
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
      description = "Run it N times, each in a fresh instance, and show the last.")
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
      names = "--engine",
      paramLabel = "NAME",
      description = "wasmtime or wasmtime-java (sets engine.name).")
  private @Nullable String engineName;

  @Override
  public Integer call() throws IOException {
    var console = Console.of(Objects.requireNonNull(spec));
    if (repeat < 1) {
      throw new UsageException("--repeat is at least 1, was " + repeat);
    }
    options.put("limits.time", timeout);
    options.put("limits.memory", memory);
    options.put("engine.name", engineName);
    options.putUnlessSet("log.level", "warn");
    var config = options.load();
    var document = document();
    try (var engine = Engines.start(config.engineName(), config.engine())) {
      return isPath()
          ? runFile(engine, config, document, console)
          : runHandler(engine, config, document, console);
    } catch (ModuleRefusedException refused) {
      console.problem(console.bad("refused") + " " + refused.getMessage());
      return ExitCode.FAILED;
    }
  }

  private boolean isPath() {
    return module.contains("/") || module.endsWith(".wasm");
  }

  private Document document() throws IOException {
    return Document.of(
        input.equals("-") ? System.in.readAllBytes() : Files.readAllBytes(Path.of(input)));
  }

  private int runFile(Engine engine, BrokerConfig config, Document document, Console console)
      throws IOException {
    var wasm = new WasmBinary(Files.readAllBytes(Path.of(module)));
    try (var compiled = engine.compile(wasm, config.limits())) {
      return run(
          null, compiled, config.limits(), document, console, config.engine().threadStackBytes());
    }
  }

  private int runHandler(Engine engine, BrokerConfig config, Document document, Console console) {
    try (var registry =
        Modules.registry(
            engine,
            config.policy().initial(),
            config.registry(),
            config.engine().moduleBytes(),
            BrokerEvents.NONE)) {
      return switch (registry.resolve(HandlerRef.parse(module))) {
        case Resolution.Resolved(var id, var compiled, var grants, _) ->
            run(
                id,
                compiled,
                grants.limits(),
                document,
                console,
                config.engine().threadStackBytes());
        case Resolution.Unknown(var message) -> throw new UsageException(message);
        case Resolution.Refused(var message) -> {
          console.problem(console.bad("refused") + " " + message);
          yield ExitCode.FAILED;
        }
      };
    }
  }

  private int run(
      @Nullable ModuleId id,
      CompiledModule compiled,
      Limits limits,
      Document document,
      Console console,
      int threadStackBytes) {
    GuestLog log =
        (level, message, fields) ->
            console.problem(
                console.faint(
                    "guest " + level + ": " + message + (fields == null ? "" : " " + fields)));
    var result =
        onGuestThread(
            threadStackBytes,
            () -> {
              for (int i = 1; i < repeat; i++) {
                compiled.run(new Invocation(document, limits, new Cancellation(), log));
              }
              return compiled.run(new Invocation(document, limits, new Cancellation(), log));
            });
    var text = new InvocationText(console);
    int code = text.show(result);
    text.show(id == null ? result.receipt() : result.receipt().of(id, Duration.ZERO));
    return code;
  }

  /** The main thread's stack may be smaller than what a guest may use. */
  private static InvocationResult onGuestThread(int stackBytes, Callable<InvocationResult> runs) {
    var task = new FutureTask<>(runs);
    Thread.ofPlatform().name("guest").stackSize(stackBytes).start(task);
    try {
      return task.get();
    } catch (ExecutionException failure) {
      throw new IllegalStateException(failure.getCause());
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", stop);
    }
  }
}
