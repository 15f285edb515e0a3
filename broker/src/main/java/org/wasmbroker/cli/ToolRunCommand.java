package org.wasmbroker.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.app.BrokerConfig;
import org.wasmbroker.app.CommandService;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.capability.CommandGrant;
import org.wasmbroker.capability.DirectorySource;
import org.wasmbroker.capability.FilesGrant;
import org.wasmbroker.capability.FilesGrant.GrantedDirectory;
import org.wasmbroker.environment.ProcessText;
import org.wasmbroker.files.CopiedDirectories;
import org.wasmbroker.grant.Grants;
import org.wasmbroker.registry.Resolution;
import org.wasmbroker.registry.Resolution.Resolved;
import org.wasmbroker.registry.Resolution.Unknown;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.CompiledModule;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.sandbox.ModuleRefusedException;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.sandbox.files.DirectoryMode;
import org.wasmbroker.session.ExitStatus;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.SafeText;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepError;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs one command of this process's streams. */
@Command(
    name = "run",
    description = {
      "Run a WASI preview 1 command in the sandbox, with the standard input, output and error of"
          + " this process. The exit code is the command's.",
      "Directories are copied into memory: the command finds no file of this machine. It has the"
          + " grants and limits that it would have as a step; a .wasm file has the basic ones."
    },
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes of commands that did not end by themselves:%n",
    exitCodeList = {
      "124:its time was up",
      "126:it could not be run",
      "127:there is no such handler",
      "134:it trapped",
      "137:it exceeded another limit"
    },
    footer = {
      "",
      "Examples:",
      "  printf 'b\\na\\n' | wasm-broker tool run sort -- -r",
      "  wasm-broker tool run grep --dir . -- -n total notes.txt",
      "  wasm-broker tool run ./convert.wasm --dir data::/data --write-back -- /data/in /data/out"
    })
final class ToolRunCommand implements Callable<Integer> {
  private static final int ENTRIES = 100_000;

  @Spec private @Nullable CommandSpec spec;

  @Mixin private final ConfigOptions options = new ConfigOptions();

  @Parameters(
      index = "0",
      paramLabel = "MODULE",
      description =
          "A handler such as sort or sort@1.0, or the path of a WebAssembly file (with a '/' in it,"
              + " or ending in .wasm).")
  private String module = "";

  @Parameters(
      index = "1..*",
      paramLabel = "ARGUMENT",
      description = "Its arguments; write -- before them.")
  private List<String> arguments = new ArrayList<>();

  @Option(
      names = "--dir",
      paramLabel = "DIR[::PATH]",
      description =
          "The command finds a copy of this directory under PATH, which is / if it is not given;"
              + " links are left out. Repeatable.")
  private List<String> directories = new ArrayList<>();

  @Option(
      names = "--write-back",
      description =
          "When the command has ended with code 0, what it changed in the copies is changed in the"
              + " directories of --dir.")
  private boolean writeBack;

  @Option(
      names = "--files",
      paramLabel = "SIZE",
      defaultValue = "256MiB",
      description = "What all files may have together (default: ${DEFAULT-VALUE}).")
  private String filesSize = "";

  @Option(
      names = "--env",
      paramLabel = "NAME[=VALUE]",
      description =
          "A variable that the command is given; without a value, that of this process. PWD is the"
              + " first PATH unless it is given. Repeatable.")
  private List<String> variables = new ArrayList<>();

  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      description = "How long it may run, such as 500ms (sets limits.time).")
  private @Nullable String timeout;

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      description = "How much memory it may have, such as 16MiB (sets limits.memory).")
  private @Nullable String memory;

  @Option(
      names = "--policy",
      paramLabel = "FILE",
      description = "What a handler may use (sets policy.file); not applied to a .wasm file.")
  private @Nullable String policy;

  @Mixin private final EngineOption engine = new EngineOption();

  @Option(
      names = "--receipt",
      description = "Print to standard error what it used, when it has ended.")
  private boolean receipt;

  @Override
  public Integer call() throws IOException {
    options.put("limits.time", timeout);
    options.put("limits.memory", memory);
    options.put("policy.file", policy);
    engine.putInto(options);
    options.putDefault("log.level", "warn");
    var console = Console.of(Objects.requireNonNull(spec));
    if (writeBack && directories.isEmpty()) {
      throw new UsageException("--write-back needs --dir");
    }
    var named = directories.stream().map(ToolRunCommand::directory).toList();
    requireDistinct(named);
    var environment =
        ToolEnvironment.of(variables, named.isEmpty() ? "/" : named.getFirst().path());
    var config = options.load();
    var copies = named.isEmpty() ? null : CopiedDirectories.of(named, size());
    try (var service = new CommandService(config)) {
      return isPath()
          ? runFile(service, config, environment, copies, console)
          : runHandler(service, environment, copies, console);
    }
  }

  private boolean isPath() {
    return module.contains("/") || module.endsWith(".wasm");
  }

  private long size() {
    return SizeOption.parse("--files", filesSize);
  }

  /** {@code DIR::PATH}, or {@code DIR}, which is {@code /}. */
  private static CopiedDirectories.Named directory(String text) {
    int separator = text.lastIndexOf("::");
    var host = separator < 0 ? text : text.substring(0, separator);
    var path = separator < 0 ? "/" : text.substring(separator + 2);
    if (host.isEmpty() || !path.matches("/|(/[A-Za-z0-9._-]{1,100})+") || hasDots(path)) {
      throw new UsageException(
          "--dir must be DIR or DIR::PATH with an absolute PATH of letters, digits, '.', '_' and"
              + " '-', was '"
              + SafeText.sanitize(text, 200)
              + "'");
    }
    return new CopiedDirectories.Named(ProcessText.path(host), path);
  }

  private static boolean hasDots(String path) {
    return List.of(path.split("/")).stream().anyMatch(name -> name.matches("\\.{1,2}"));
  }

  private static void requireDistinct(List<CopiedDirectories.Named> named) {
    var paths = new HashSet<String>();
    for (var each : named) {
      if (!paths.add(each.path())) {
        throw new UsageException(
            "--dir has %s twice; name another one with DIR::PATH".formatted(each.path()));
      }
    }
  }

  /** A file has no manifest: it gets the basic grants. */
  private int runFile(
      CommandService service,
      BrokerConfig config,
      ToolEnvironment environment,
      @Nullable CopiedDirectories copies,
      Console console)
      throws IOException {
    var path = ProcessText.path(module);
    var wasm = new WasmBinary(Files.readAllBytes(path));
    var name = String.valueOf(path.getFileName()).replaceFirst("\\.wasm$", "");
    try (var compiled = service.engine().compile(wasm, config.limits())) {
      requireCommand(compiled);
      var grants =
          Grants.basic(config.limits())
              .with(Capabilities.COMMAND, new CommandGrant(true, environment.names()));
      var id = new ModuleId(name, "(no version)", wasm.digest());
      var resolved = new Resolved(id, compiled, grants, null);
      return run(
          service, new HandlerRef("tool", null), name, resolved, environment, copies, console);
    } catch (ModuleRefusedException refused) {
      console.error(console.failure("module_refused") + " " + String.valueOf(refused.getMessage()));
      return ExitStatus.NOT_RUN;
    }
  }

  private static void requireCommand(CompiledModule compiled) {
    if (!compiled.isCommand()) {
      throw new UsageException(
          "the module is no command: it exports no _start; run it with wasm-broker invoke");
    }
  }

  private int runHandler(
      CommandService service,
      ToolEnvironment environment,
      @Nullable CopiedDirectories copies,
      Console console)
      throws IOException {
    var handler = HandlerArgument.parse(module);
    var resolution = service.resolve(handler);
    if (resolution instanceof Unknown(var message, _)) {
      console.error("wasm-broker: " + message);
      return ExitStatus.NOT_FOUND;
    }
    if (resolution instanceof Resolved resolved
        && !resolved.grants().of(Capabilities.COMMAND).isCommand()) {
      throw new UsageException(
          "%s is no command: its manifest has no capabilities.command; run it with wasm-broker"
                  .formatted(resolved.id().handler())
              + " invoke");
    }
    return run(service, handler, handler.name(), resolution, environment, copies, console);
  }

  private int run(
      CommandService service,
      HandlerRef handler,
      String name,
      Resolution resolution,
      ToolEnvironment environment,
      @Nullable CopiedDirectories copies,
      Console console)
      throws IOException {
    var cancellation = new Cancellation();
    var streams = new ProcessStreams(name, arguments, environment.values(), cancellation);
    var outcome =
        service.run(
            new CommandService.Call(
                handler,
                resolution instanceof Resolved resolved && copies != null
                    ? service.withFiles(resolved, grant())
                    : resolution,
                streams,
                copies,
                log(console),
                Duration.ofDays(365),
                cancellation,
                false));
    streams.flush();
    if (outcome == null) {
      return streams.isClosed() ? ExitStatus.SUCCESS : ExitStatus.FAILURE;
    }
    int code =
        switch (outcome) {
          case Outcome.Completed _ -> ExitStatus.of(Integer.toUnsignedLong(streams.exitCode()));
          case Outcome.Failed failed -> explain(failed.error(), console);
          case Outcome.Retry retry -> explain(retry.error(), console);
        };
    if (receipt) {
      new OutcomePrinter(console).print(outcome.receipt());
    }
    if (code == ExitStatus.SUCCESS && writeBack && copies != null) {
      copies.writeBack();
    }
    return code;
  }

  private static int explain(StepError error, Console console) {
    new OutcomePrinter(console).explain(error);
    return ExitStatus.of(error);
  }

  private FilesGrant grant() {
    return new FilesGrant(
        size(),
        ENTRIES,
        directories.stream()
            .map(ToolRunCommand::directory)
            .map(
                each ->
                    new GrantedDirectory(
                        each.path(), DirectoryMode.READ_WRITE, DirectorySource.EMPTY, null))
            .toList());
  }

  private static Function<Step, GuestLog> log(Console console) {
    return step ->
        (level, message, fields) ->
            console.error(
                console.dim(
                    "guest " + level + ": " + message + (fields == null ? "" : " " + fields)));
  }
}
