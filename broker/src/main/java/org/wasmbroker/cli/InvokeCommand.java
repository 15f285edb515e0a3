package org.wasmbroker.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.app.BrokerConfig;
import org.wasmbroker.app.Engines;
import org.wasmbroker.app.Modules;
import org.wasmbroker.egress.Egress;
import org.wasmbroker.egress.GrantedAccessFactory;
import org.wasmbroker.egress.HostResolver;
import org.wasmbroker.grant.Grants;
import org.wasmbroker.grant.StepAccessFactory;
import org.wasmbroker.registry.Resolution;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.CompiledModule;
import org.wasmbroker.sandbox.Engine;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.sandbox.Invocation;
import org.wasmbroker.sandbox.InvocationResult;
import org.wasmbroker.sandbox.ModuleRefusedException;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.secret.SecretStore;
import org.wasmbroker.step.Attempt;
import org.wasmbroker.step.Claim;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.GrantUsage;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepError;
import org.wasmbroker.step.StepId;
import org.wasmbroker.step.StepIds;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.step.TraceContext;
import org.wasmbroker.telemetry.EventSink;
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
      names = "--policy",
      paramLabel = "FILE",
      description = "What the handler may reach (sets policy.file); for a .wasm file nothing.")
  private @Nullable String policy;

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
    options.put("policy.file", policy);
    options.put("engine.name", engineName);
    options.putDefault("log.level", "warn");
    var config = options.load();
    var document = document();
    try (var engine = Engines.start(config.engineName(), config.engine())) {
      return isPath()
          ? runFile(engine, config, document, console)
          : runHandler(engine, config, document, console);
    } catch (ModuleRefusedException refused) {
      console.error(console.failure("refused") + " " + refused.getMessage());
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
    var path = Path.of(module);
    var wasm = new WasmBinary(Files.readAllBytes(path));
    try (var compiled = engine.compile(wasm, config.limits())) {
      var id = new ModuleId(String.valueOf(path.getFileName()), "of no version", wasm.digest());
      var run = new Run(id, compiled, Grants.basic(config.limits()), StepAccessFactory.BASIC);
      return run(run, config, document, console);
    }
  }

  private int runHandler(Engine engine, BrokerConfig config, Document document, Console console) {
    try (var registry =
            Modules.registry(
                engine,
                config.policy().initial(),
                config.registry(),
                config.engine().moduleBytes(),
                EventSink.NONE);
        var egress =
            new Egress(config.egress(), HostResolver.SYSTEM, TimeSource.SYSTEM, EventSink.NONE)) {
      egress.start();
      var secrets = SecretStore.open(config.secrets(), System.getenv(), TimeSource.SYSTEM);
      var accesses = new GrantedAccessFactory(egress, secrets, EventSink.NONE);
      return switch (registry.resolve(HandlerRef.parse(module))) {
        case Resolution.Resolved(var id, var compiled, var grants, _) ->
            run(new Run(id, compiled, grants, accesses), config, document, console);
        case Resolution.Unknown(var message) -> throw new UsageException(message);
        case Resolution.Refused(var message) -> {
          console.error(console.failure("refused") + " " + message);
          yield ExitCode.FAILED;
        }
      };
    }
  }

  private int run(Run run, BrokerConfig config, Document document, Console console) {
    GuestLog log =
        (level, message, fields) ->
            console.error(
                console.dim(
                    "guest " + level + ": " + message + (fields == null ? "" : " " + fields)));
    var end =
        onGuestThread(
            config.engine().threadStackBytes(),
            () -> {
              for (int i = 1; i < repeat; i++) {
                run.once(document, log);
              }
              return run.once(document, log);
            });
    var text = new InvocationPrinter(console);
    int code = end.problem() == null ? text.print(end.result()) : text.print(end.problem());
    text.print(end.result().receipt().withModule(run.id(), Duration.ZERO).withGrantUse(end.use()));
    return code;
  }

  /**
   * What is run, each time as a step of its own.
   *
   * @param accesses opens what the grants allow
   */
  private record Run(
      ModuleId id, CompiledModule compiled, Grants grants, StepAccessFactory accesses) {
    private static final HandlerRef INVOKED = HandlerRef.parse("invoked");

    private record Nobodys() implements Claim {}

    private record End(InvocationResult result, @Nullable StepError problem, GrantUsage use) {}

    End once(Document document, GuestLog log) {
      try (var access = accesses.open(step(document), id, grants)) {
        var invocation =
            new Invocation(document, grants.limits(), new Cancellation(), log, access.access());
        var result = compiled.run(invocation);
        var problem =
            result instanceof InvocationResult.Completed(var output, var _)
                ? access.checkOutput(output)
                : null;
        return new End(result, problem, access.usage());
      }
    }

    private Step step(Document document) {
      return new Step(
          new StepIds(new StepId(UUID.randomUUID()), null, null),
          id.handler(),
          INVOKED,
          new Attempt(1, 1),
          grants.limits().time(),
          document,
          new Nobodys(),
          Instant.now(),
          TraceContext.NONE);
    }
  }

  /** The main thread's stack may be smaller than what a guest may use. */
  private static <T> T onGuestThread(int stackBytes, Callable<T> runs) {
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
