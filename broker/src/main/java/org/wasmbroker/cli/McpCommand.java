package org.wasmbroker.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.app.BrokerConfig;
import org.wasmbroker.app.McpService;
import org.wasmbroker.mcp.HttpTransport;
import org.wasmbroker.mcp.StdioTransport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Serves the handlers as tools of the Model Context Protocol. */
@Command(
    name = "mcp",
    description = {
      "Serve the handlers that the policy lets run as tools of the Model Context Protocol.",
      "Each call is a step in the sandbox, with the grants and limits that it would have from a"
          + " queue; no database is needed. Log lines go to standard error."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  wasm-broker mcp --stdio --policy policy.yaml",
      "  wasm-broker mcp --http 127.0.0.1:8765 -s mcp.token-file=tokens"
    })
final class McpCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Mixin private final ConfigOptions options = new ConfigOptions();

  @Option(
      names = "--stdio",
      description = "One client, on standard input and output. This is the default.")
  private boolean stdio;

  @Option(
      names = "--http",
      paramLabel = "ADDRESS",
      description =
          "Clients over HTTP at http://ADDRESS/mcp, such as 127.0.0.1:8765 or 8765. An address that"
              + " is not loopback needs mcp.token-file. Health and metrics are served on http.host"
              + " and http.port.")
  private @Nullable String http;

  @Option(
      names = "--policy",
      paramLabel = "FILE",
      description = "What the handlers may use (sets policy.file).")
  private @Nullable String policy;

  @Option(
      names = "--tools",
      paramLabel = "HANDLER,...",
      description = "Only these handlers, * for any characters (sets mcp.tools).")
  private @Nullable String tools;

  @Mixin private final EngineOption engine = new EngineOption();

  @Override
  public Integer call() throws InterruptedException, ExecutionException {
    options.put("policy.file", policy);
    options.put("mcp.tools", tools);
    engine.putInto(options);
    options.putDefault("log.level", "warn");
    var console = Console.of(Objects.requireNonNull(spec));
    var address = http;
    if (address == null) {
      return stdio(options.load(), console);
    }
    if (stdio) {
      throw new UsageException("--stdio and --http exclude each other");
    }
    return http(options.load(), AddressOption.parse("--http", address), console);
  }

  private static int stdio(BrokerConfig config, Console console)
      throws InterruptedException, ExecutionException {
    System.setOut(System.err); // nothing but messages is ever on standard output
    try (var stop = new StopSignals();
        var service = McpService.start(config, handlers(config, problems(console)));
        var transport =
            new StdioTransport(
                service.server(),
                System.in,
                new FileOutputStream(FileDescriptor.out),
                service.events())) {
      stop.runUntilStopped(() -> transport.run(config.dispatch().drainGrace()));
    }
    return ExitCode.OK;
  }

  private static int http(BrokerConfig config, InetSocketAddress address, Console console)
      throws InterruptedException {
    try (var stop = new StopSignals();
        var service = McpService.startWithMetrics(config, handlers(config, problems(console)));
        var transport = transport(service, address)) {
      try {
        transport.start();
      } catch (IOException taken) {
        throw new UnavailableException(
            "cannot serve MCP on %s:%d: %s"
                .formatted(address.getHostString(), address.getPort(), taken.getMessage()));
      }
      console.error(
          console.dim(
              "MCP on http://%s:%d/mcp; Ctrl-C stops"
                  .formatted(address.getHostString(), transport.address().getPort())));
      stop.await();
    }
    return ExitCode.OK;
  }

  private static HttpTransport transport(McpService service, InetSocketAddress address) {
    try {
      return new HttpTransport(service.server(), address, service.events());
    } catch (IllegalArgumentException refused) {
      throw new UsageException(String.valueOf(refused.getMessage()));
    }
  }

  private static Consumer<String> problems(Console console) {
    return problem -> console.error(console.failure("problem") + " " + problem);
  }

  /**
   * The newest release of each installed handler, or the one that the rollout has for stable.
   *
   * @param problems gets why a handler or a source is left out, once as long as it is so
   */
  static McpService.Handlers handlers(BrokerConfig config, Consumer<String> problems) {
    var told = new ToldOnce(problems);
    return (policy, trust, stable) -> {
      var installed = new InstalledHandlers(config, policy, trust);
      var all = installed.all(stable);
      told.tell(installed.unlisted(), installed.refused());
      return all;
    };
  }
}
