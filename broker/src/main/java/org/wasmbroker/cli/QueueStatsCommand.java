package org.wasmbroker.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.app.Protocols;
import org.wasmbroker.pgmq.QueueName;
import org.wasmbroker.pgmq.upkeep.QueueInspector;
import org.wasmbroker.pgmq.upkeep.QueueStatistics;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows how full queues and archives are. */
@Command(
    name = "stats",
    description = {
      "Show the broker's queues: messages by state, the oldest, archives, sizes, dead row"
          + " versions.",
      "Counting reads the whole queue, but not the archive, whose number of rows is an estimate."
          + " Works for Tasker's queues, too. Exits with 1 if a queue is missing."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "visible: can be claimed now; in flight: claimed, with a lease; delayed: a retry that waits.",
      "in/s and out/s, with --watch: messages that were sent, and that left the queue."
    })
final class QueueStatsCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Mixin private final ConfigOptions options = new ConfigOptions();

  @Mixin private final ProtocolOptions protocol = new ProtocolOptions();

  @Option(
      names = {"-w", "--watch"},
      paramLabel = "SECONDS",
      description = "Show it again and again, with rates, until Ctrl-C.")
  private @Nullable Integer seconds;

  @Option(
      names = "--times",
      paramLabel = "N",
      description = "With --watch: end after showing it N times.")
  private @Nullable Integer times;

  @Option(names = "--json", description = "Print one JSON document, with --watch one a line.")
  private boolean json;

  @Override
  public Integer call() throws InterruptedException {
    if (seconds != null && (seconds < 1 || seconds > 3600)) {
      throw new UsageException("--watch must be 1 to 3600 seconds, was " + seconds);
    }
    if (times != null && (times < 1 || seconds == null)) {
      throw new UsageException("--times must be at least 1, and needs --watch");
    }
    protocol.applyTo(options);
    options.putDefault("log.level", "error");
    var config = options.load();
    protocol.checkAgainst(config);
    var queues = Protocols.monitoredQueues(config);
    var view = new QueueStatsView(Console.of(Objects.requireNonNull(spec)));
    try (var database = Protocols.database(config, "wasm-broker queue");
        var stop = new StopSignals()) {
      var inspector = new QueueInspector(database);
      var before = Map.<QueueName, QueueStatistics>of();
      for (int shown = 1; ; shown++) {
        var now = new LinkedHashMap<QueueName, QueueStatistics>();
        queues.forEach(queue -> inspector.inspect(queue).ifPresent(found -> now.put(queue, found)));
        var missing = missing(queues, now);
        if (json) {
          view.json(List.copyOf(now.values()), before, missing);
        } else {
          view.print(List.copyOf(now.values()), before, missing);
        }
        before = now;
        var interval = seconds;
        if (interval == null
            || (times != null && shown >= times)
            || stop.await(interval, TimeUnit.SECONDS)) {
          return missing.isEmpty() ? ExitCode.OK : ExitCode.FAILED;
        }
      }
    }
  }

  private static List<QueueName> missing(
      List<QueueName> queues, Map<QueueName, QueueStatistics> found) {
    var missing = new ArrayList<>(queues);
    missing.removeAll(found.keySet());
    return missing;
  }
}
