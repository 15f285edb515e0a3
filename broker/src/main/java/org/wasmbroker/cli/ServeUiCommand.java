package org.wasmbroker.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.app.BrokerConfig;
import org.wasmbroker.app.BrokerVersion;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.ui.Playground;
import org.wasmbroker.ui.RunningBroker;
import org.wasmbroker.ui.Status;
import org.wasmbroker.ui.UiServer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Serves a page that runs the installed handlers in the browser. */
@Command(
    name = "serve-ui",
    description = {
      "Serve a page in which the installed handlers run, in the browser: choose one, edit its"
          + " configuration and input, see result, log and receipt.",
      "The handlers are those of capabilities, and only those that the policy lets run are there to"
          + " be run. Nothing runs in this process, and no database is needed."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  wasm-broker serve-ui",
      "  wasm-broker serve-ui --broker http://127.0.0.1:9090",
      "  wasm-broker serve-ui --export playground -s registry.directory=modules"
    })
final class ServeUiCommand implements Callable<Integer> {
  private static final String DEFAULT_ADDRESS = "127.0.0.1:8780";
  private static final Duration BROKER_TIMEOUT = Duration.ofSeconds(3);

  @Spec private @Nullable CommandSpec spec;

  @Mixin private final ConfigOptions options = new ConfigOptions();

  @Mixin private final TrustOptions trust = new TrustOptions();

  @Option(
      names = "--address",
      paramLabel = "ADDRESS",
      description =
          "Where to listen, a loopback address such as 127.0.0.1:8780 (the default) or 8780; port 0"
              + " for any free one.")
  private @Nullable String address;

  @Option(
      names = "--export",
      paramLabel = "DIRECTORY",
      description =
          "Write the page's files to a new or empty directory instead, for a server of static"
              + " files. _headers has what it must send with them.")
  private @Nullable Path export;

  @Option(
      names = "--broker",
      paramLabel = "URL",
      description =
          "Show the status of a running broker, too: the address of its health and metrics, such as"
              + " http://127.0.0.1:9090. This process asks it, and not the page.")
  private @Nullable String broker;

  @Override
  public Integer call() throws InterruptedException {
    options.putDefault("log.level", "warn");
    var config = options.load();
    var console = Console.of(Objects.requireNonNull(spec));
    if (export != null && address != null) {
      throw new UsageException("--export and --address exclude each other");
    }
    if (export != null && broker != null) {
      throw new UsageException(
          "--export and --broker exclude each other: only serve-ui itself can ask a broker");
    }
    try (var running = broker == null ? null : running(broker)) {
      return show(config, running, console);
    }
  }

  private static RunningBroker running(String address) {
    try {
      return new RunningBroker(address, BROKER_TIMEOUT, TimeSource.SYSTEM);
    } catch (IllegalArgumentException refused) {
      throw new UsageException("--broker: " + refused.getMessage());
    }
  }

  private int show(BrokerConfig config, @Nullable RunningBroker running, Console console)
      throws InterruptedException {
    var installed = new InstalledHandlers(config, trust.policy(config), trust.load(config));
    var offers = installed.offers();
    var problems = new ArrayList<>(installed.unlisted());
    problems.addAll(installed.refused());
    problems.forEach(problem -> console.error(console.failure("problem") + " " + problem));
    var policy = installed.policy().digest();
    var status =
        new Status(BrokerVersion.text(), policy == null ? null : policy.toString(), problems);
    var playground = new Playground(status, offers, running);
    return export == null
        ? serve(
            playground,
            AddressOption.parse("--address", address == null ? DEFAULT_ADDRESS : address),
            console)
        : export(playground, export, console);
  }

  private static int export(Playground playground, Path directory, Console console) {
    try {
      playground.export(directory);
    } catch (IOException refused) {
      throw new UnavailableException(
          "cannot write %s: %s".formatted(directory, refused.getMessage()));
    }
    console.error(console.dim("written to " + directory));
    return ExitCode.OK;
  }

  private static int serve(Playground playground, InetSocketAddress at, Console console)
      throws InterruptedException {
    try (var stop = new StopSignals();
        var server = server(playground, at)) {
      try {
        server.start();
      } catch (IOException taken) {
        throw new UnavailableException(
            "cannot serve on %s:%d: %s"
                .formatted(at.getHostString(), at.getPort(), taken.getMessage()));
      }
      console.error(
          console.dim(
              "playground on http://%s:%d/; Ctrl-C stops"
                  .formatted(at.getHostString(), server.address().getPort())));
      stop.await();
    }
    return ExitCode.OK;
  }

  private static UiServer server(Playground playground, InetSocketAddress at) {
    try {
      return new UiServer(playground, at);
    } catch (IllegalArgumentException refused) {
      throw new UsageException(String.valueOf(refused.getMessage()));
    }
  }
}
