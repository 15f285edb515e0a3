package org.wasmbroker.cli;

import java.net.URI;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.app.HttpConfig;
import org.wasmbroker.step.SafeText;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Asks a running broker how it is, for health checks of containers and for people. */
@Command(
    name = "health",
    description = {
      "Ask the broker that runs on this machine, or in this container, whether it is ready.",
      "It is asked where http.host and http.port say; nothing else of the configuration is used."
    },
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:it is",
      "1:it is not; the reasons are printed",
      "2:invalid command line or configuration",
      "3:nobody answers"
    },
    footer = {"", "Example:", "  wasm-broker health --live"})
final class HealthCommand implements Callable<Integer> {
  private static final int MAX_SECONDS = 600;

  @Spec private @Nullable CommandSpec spec;

  @Mixin private final ConfigOptions options = new ConfigOptions();

  @Option(
      names = "--live",
      description =
          "Ask only whether the process responds; a database that is gone is no fault of it.")
  private boolean live;

  @Option(
      names = "--url",
      paramLabel = "URL",
      description =
          "Where the broker serves its health, such as http://127.0.0.1:9090 (default: from"
              + " http.host and http.port).")
  private @Nullable String url;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "5",
      description = "How long it may take to answer, 1 to 600 (default: ${DEFAULT-VALUE}).")
  private int timeout;

  @Override
  public Integer call() {
    if (timeout < 1 || timeout > MAX_SECONDS) {
      throw new UsageException("--timeout must be 1 to " + MAX_SECONDS + ", was " + timeout);
    }
    var base = url == null ? address(options.loadHttp()) : given(url);
    var probe = new HealthProbe(base, Duration.ofSeconds(timeout));
    var answer = live ? probe.live() : probe.ready();
    var console = Console.of(Objects.requireNonNull(spec));
    answer.lines().forEach(console::line);
    return answer.good() ? ExitCode.OK : ExitCode.FAILED;
  }

  /** Who listens on all addresses listens on the loopback address as well. */
  static URI address(HttpConfig config) {
    if (config.port() == 0) {
      throw new UsageException(
          "http.port is 0, so the broker has taken any free port; its log tells which: give --url");
    }
    var host =
        switch (config.host()) {
          case "0.0.0.0" -> "127.0.0.1";
          case "::", "[::]", "0:0:0:0:0:0:0:0" -> "[::1]";
          default ->
              config.host().contains(":") && !config.host().startsWith("[")
                  ? "[" + config.host() + "]"
                  : config.host();
        };
    return uri("http://" + host + ":" + config.port(), "http.host " + config.host());
  }

  private static URI given(String text) {
    var uri = uri(text, "--url " + text);
    if (!"http".equals(uri.getScheme())
        || uri.getHost() == null
        || !(uri.getPath().isEmpty() || uri.getPath().equals("/"))
        || uri.getRawQuery() != null
        || uri.getRawUserInfo() != null) {
      throw new UsageException(
          "--url must be http://HOST:PORT without a path, was " + SafeText.sanitize(text, 200));
    }
    return uri;
  }

  private static URI uri(String text, String what) {
    try {
      return URI.create(text);
    } catch (IllegalArgumentException invalid) {
      throw new UsageException(SafeText.sanitize(what, 200) + " is no address");
    }
  }
}
