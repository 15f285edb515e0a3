package org.wasmbroker.cli;

import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.app.Broker;
import org.wasmbroker.telemetry.StepStatistics;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Takes steps until a signal stops it. */
@Command(
    name = "run",
    description = {
      "Take steps until SIGTERM or SIGINT.",
      "The first signal drains: running steps may finish, all others are released. A second one"
          + " terminates at once."
    },
    mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Mixin private final ConfigOptions options = new ConfigOptions();

  @Mixin private final ProtocolOptions protocol = new ProtocolOptions();

  @Option(
      names = "--slots",
      paramLabel = "N",
      description = "How many steps are in flight at once (sets dispatch.slots).")
  private @Nullable String slots;

  @Mixin private final EngineOption engine = new EngineOption();

  @Override
  public Integer call() throws InterruptedException {
    protocol.applyTo(options);
    options.put("dispatch.slots", slots);
    engine.putInto(options);
    var config = options.load();
    protocol.checkAgainst(config);
    var console = Console.of(Objects.requireNonNull(spec));
    var statistics = new StepStatistics();
    try (var stop = new StopSignals();
        var broker = Broker.start(config, statistics)) {
      var http = broker.httpAddress();
      console.error(
          console.dim(
              "metrics and health on http://%s:%d; Ctrl-C stops"
                  .formatted(http.getHostString(), http.getPort())));
      stop.await();
      console.error("stopping: running steps may finish; a second signal terminates at once");
    }
    var summary = statistics.summary();
    console.error(
        "stopped: %d steps completed, %d failed, %d to be retried, %d released"
            .formatted(
                summary.completed(), summary.failed(), summary.retried(), summary.released()));
    return ExitCode.OK;
  }
}
