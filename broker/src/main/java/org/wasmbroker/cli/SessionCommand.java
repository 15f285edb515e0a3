package org.wasmbroker.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.app.BrokerConfig;
import org.wasmbroker.app.BrokerVersion;
import org.wasmbroker.app.CommandService;
import org.wasmbroker.app.SessionCommands;
import org.wasmbroker.app.SessionCommands.Installed;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.grant.Policy;
import org.wasmbroker.plan.catalog.HandlerEntry;
import org.wasmbroker.registry.release.ModuleSourceException;
import org.wasmbroker.registry.trust.TrustPolicy;
import org.wasmbroker.sandbox.files.DirectoryMode;
import org.wasmbroker.session.Session;
import org.wasmbroker.session.SessionLimits;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.telemetry.EventSink;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Serves one client's session. */
@Command(
    name = "session",
    description = {
      "Serve a session on standard input and output: a JSON request a line, an answer a line.",
      "A session has files in memory and runs command lines over them, whose commands are the"
          + " installed handlers that are commands. No shell and no file of this machine is used."
          + " docs/agents.md has the requests. Log lines go to standard error."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example:",
      "  echo '{\"id\":1,\"type\":\"shell\",\"command\":\"echo b a | tr \\\" \\\" \\\"\\\\n\\\" | sort\"}'"
          + " | wasm-broker session"
    })
final class SessionCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Mixin private final ConfigOptions options = new ConfigOptions();

  @Option(
      names = "--commands",
      split = ",",
      paramLabel = "NAME,...",
      description = "Only these commands (default: all that are installed and may run).")
  private List<String> commands = List.of();

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      description = "How much memory a command may have (sets limits.memory; default: 64MiB).")
  private @Nullable String memory;

  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      description =
          "How long a command line may run if its request does not say it; no command runs longer"
              + " than limits.time (default: limits.time).")
  private @Nullable String timeout;

  @Option(
      names = "--files",
      paramLabel = "SIZE",
      defaultValue = "64MiB",
      description = "What the session's files may have together (default: ${DEFAULT-VALUE}).")
  private String files = "";

  @Option(
      names = "--output",
      paramLabel = "SIZE",
      defaultValue = "256KiB",
      description =
          "What an answer has of a command line's standard output, and of its standard error; the"
              + " rest is cut off (default: ${DEFAULT-VALUE}).")
  private String output = "";

  @Option(
      names = "--line",
      paramLabel = "SIZE",
      defaultValue = "16MiB",
      description = "The largest request (default: ${DEFAULT-VALUE}).")
  private String line = "";

  @Option(
      names = "--running",
      paramLabel = "N",
      defaultValue = "8",
      description = "Asynchronous requests at once (default: ${DEFAULT-VALUE}).")
  private int running = SessionLimits.DEFAULTS.running();

  @Option(
      names = "--metrics",
      paramLabel = "ADDRESS",
      description =
          "Serve metrics and health at this address, such as 127.0.0.1:9091 or 9091 (sets http.host"
              + " and http.port; default: none are served).")
  private @Nullable String metrics;

  @Option(
      names = "--policy",
      paramLabel = "FILE",
      description = "What the commands may use (sets policy.file).")
  private @Nullable String policy;

  @Mixin private final EngineOption engine = new EngineOption();

  @Override
  public Integer call() throws InterruptedException, ExecutionException {
    options.put("policy.file", policy);
    engine.putInto(options);
    options.putDefault("limits.memory", "64MiB");
    options.put("limits.memory", memory);
    options.putDefault("log.level", "warn");
    if (metrics != null) {
      var address = AddressOption.parse("--metrics", metrics);
      options.put("http.host", address.getHostString());
      options.put("http.port", String.valueOf(address.getPort()));
    }
    var config = options.load();
    var limits = limits(config);
    var console = Console.of(Objects.requireNonNull(spec));
    Consumer<String> problems =
        problem -> console.error(console.failure("problem") + " " + problem);
    System.setOut(System.err); // nothing but answers is ever on standard output
    try (var stop = new StopSignals();
        var service = service(config, console);
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var available =
          new SessionCommands(
              service,
              name -> commands.isEmpty() || commands.contains(name),
              installed(config, problems),
              limits);
      var _ = threads.submit(() -> warm(service, available, problems));
      serve(config, limits, available, service.events(), stop);
    }
    return ExitCode.OK;
  }

  private CommandService service(BrokerConfig config, Console console) {
    if (metrics == null) {
      return new CommandService(config);
    }
    var service = CommandService.startWithMetrics(config);
    var at = Objects.requireNonNull(service.metricsAddress());
    console.error(
        console.dim(
            "metrics and health on http://%s:%d".formatted(at.getHostString(), at.getPort())));
    return service;
  }

  /** So that the first command does not wait for it. */
  private static void warm(
      CommandService service, SessionCommands available, Consumer<String> problems) {
    try {
      var _ = service.engine();
      service.follow(available::changed);
      var _ = available.names();
    } catch (RuntimeException failure) {
      problems.accept(
          "commands cannot run, or a policy that changes is not followed: " + failure.getMessage());
    }
  }

  private static void serve(
      BrokerConfig config,
      SessionLimits limits,
      SessionCommands commands,
      EventSink events,
      StopSignals stop)
      throws InterruptedException, ExecutionException {
    try (var session =
        new Session(
            commands,
            limits,
            BrokerVersion.text(),
            config.engine().threadStackBytes(),
            events,
            System.in,
            new FileOutputStream(FileDescriptor.out))) {
      stop.runUntilStopped(() -> session.run(config.dispatch().drainGrace()));
    }
  }

  private SessionLimits limits(BrokerConfig config) {
    var time = DurationOption.parse("--timeout", timeout);
    try {
      return new SessionLimits(
          SizeOption.parse("--files", files),
          SessionLimits.DEFAULTS.fileEntries(),
          (int) Math.min(SizeOption.parse("--output", output), Integer.MAX_VALUE),
          config.limits().outputBytes(),
          (int) Math.min(SizeOption.parse("--line", line), Integer.MAX_VALUE),
          running,
          time == null ? config.limits().time() : time);
    } catch (IllegalArgumentException invalid) {
      throw new UsageException("--" + invalid.getMessage());
    }
  }

  /**
   * The newest releases of the handlers that are commands and may run.
   *
   * @param problems gets why a handler or a source is left out, once as long as it is so
   */
  static SessionCommands.Source installed(BrokerConfig config, Consumer<String> problems) {
    return new Source(config, new ToldOnce(problems));
  }

  private record Source(BrokerConfig config, ToldOnce told) implements SessionCommands.Source {
    @Override
    public List<Installed> list(Policy policy, TrustPolicy trust) {
      var handlers = new InstalledHandlers(config, policy, trust);
      var all = handlers.all().stream().flatMap(entry -> installed(entry).stream()).toList();
      told.tell(handlers.unlisted(), handlers.refused());
      return all;
    }

    @Override
    public Function<String, Optional<Installed>> finder(Policy policy, TrustPolicy trust) {
      return new Finder(new InstalledHandlers(config, policy, trust));
    }

    private static Optional<Installed> installed(HandlerEntry entry) {
      return entry.isTrusted() && entry.manifest().isCommand()
          ? Optional.of(new Installed(entry.name(), mode(entry)))
          : Optional.empty();
    }
  }

  private static final class Finder implements Function<String, Optional<Installed>> {
    private final InstalledHandlers handlers; // guarded by this
    private final Set<String> names;

    Finder(InstalledHandlers handlers) {
      this.handlers = handlers;
      this.names = Set.copyOf(handlers.names());
    }

    @Override
    public Optional<Installed> apply(String name) {
      return names.contains(name) ? read(name) : Optional.empty();
    }

    private synchronized Optional<Installed> read(String name) {
      try {
        return handlers.find(new HandlerRef(name, null)).flatMap(Source::installed);
      } catch (ModuleSourceException unusable) {
        return Optional.empty(); // whoever lists all of them is told why
      }
    }
  }

  private static DirectoryMode mode(HandlerEntry entry) {
    return entry.manifest().capabilities().of(Capabilities.FILES).directories().stream()
        .filter(directory -> directory.path().equals("/"))
        .map(directory -> directory.mode())
        .findFirst()
        .orElse(DirectoryMode.NONE);
  }
}
