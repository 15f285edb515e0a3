package org.wasmbroker.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.app.BrokerConfig;
import org.wasmbroker.app.ProtocolName;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.Pgmq;
import org.wasmbroker.pgmq.QueueName;
import org.wasmbroker.pgmq.upkeep.ArchivePartition;
import org.wasmbroker.pgmq.upkeep.ArchivePurge;
import org.wasmbroker.protocol.standalone.StandaloneConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Removes old messages from an archive. */
@Command(
    name = "purge-archive",
    description = {
      "Delete messages from the archive of a queue that were archived long enough ago.",
      "In small transactions, so that neither brokers nor clients wait. Partitions of an archive"
          + " that are old as a whole are dropped, if this role owns them."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  wasm-broker queue purge-archive --older-than 30d --dry-run",
      "  wasm-broker queue purge-archive --older-than 90d --of dead-letters"
    })
final class QueuePurgeArchiveCommand implements Callable<Integer> {
  /** What is counted beforehand, to show the progress. */
  private static final long MAX_COUNTED = 1_000_000;

  private static final int MAX_BATCH = 100_000;

  @Spec private @Nullable CommandSpec spec;

  @Mixin private final ConfigOptions options = new ConfigOptions();

  @Option(
      names = "--queue",
      paramLabel = "NAME",
      description = "The queue of the steps (sets queue.name).")
  private @Nullable String queue;

  @Option(
      names = "--of",
      paramLabel = "WHICH",
      defaultValue = "steps",
      description =
          "steps: the archive that brokers fill; results: messages that a consumer of results"
              + " archived; dead-letters: those that were replayed or discarded (default: steps).")
  private String which = "steps";

  @Option(
      names = "--older-than",
      paramLabel = "DURATION",
      required = true,
      description = "Such as 30d; at least an hour.")
  private String olderThan = "";

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "1000",
      description =
          "How many to delete in one transaction, up to 100000 (default: ${DEFAULT-VALUE}).")
  private int batch;

  @Option(
      names = "--pause",
      paramLabel = "DURATION",
      description = "How long to wait between transactions, to leave the disk to others.")
  private @Nullable String pause;

  @Option(names = "--dry-run", description = "Only count.")
  private boolean dryRun;

  @Option(names = "--json", description = "Print one JSON document.")
  private boolean json;

  /** What was removed, or would be. */
  private record Purged(long messages, List<ArchivePartition> partitions, boolean complete) {}

  @Override
  public Integer call() throws InterruptedException {
    var age = Objects.requireNonNull(DurationOption.parse("--older-than", olderThan));
    var wait = DurationOption.parse("--pause", pause);
    if (age.compareTo(ArchivePurge.MIN_AGE) < 0) {
      throw new UsageException(
          "--older-than must be at least 1h: brokers look in the archive for what they wrote last;"
              + " was "
              + olderThan);
    }
    if (batch < 1 || batch > MAX_BATCH) {
      throw new UsageException("--batch must be 1 to %d, was %d".formatted(MAX_BATCH, batch));
    }
    options.put("queue.name", queue);
    options.putDefault("log.level", "error");
    var config = options.load();
    var name = queue(config);
    var console = Console.of(Objects.requireNonNull(spec));
    try (var database = Database.open(config.database(), "wasm-broker queue")) {
      if (!new Pgmq(database).exists(name)) {
        throw new UnavailableException("there is no queue %s in this database".formatted(name));
      }
      var archive = new ArchivePurge(database, name);
      var before = archive.before(age);
      var purged =
          dryRun
              ? count(archive, before)
              : purge(console, archive, before, wait == null ? Duration.ZERO : wait);
      report(console, name, before, purged);
      return purged.complete() ? ExitCode.OK : ExitCode.FAILED;
    }
  }

  private QueueName queue(BrokerConfig config) {
    if (config.protocol() == ProtocolName.TASKER) {
      throw new UsageException(
          "the archives of Tasker's queues are Tasker's: purge them as its documents say."
              + " For queues of the standalone protocol, add --set protocol=standalone");
    }
    StandaloneConfig queues = config.queue();
    return switch (which) {
      case "steps" -> queues.queue();
      case "results" -> queues.results();
      case "dead-letters" -> queues.deadLetters();
      default ->
          throw new UsageException("--of must be steps, results or dead-letters, was " + which);
    };
  }

  private static Purged count(ArchivePurge archive, Instant before) {
    return new Purged(archive.count(before, MAX_COUNTED), archive.oldPartitions(before), true);
  }

  private Purged purge(Console console, ArchivePurge archive, Instant before, Duration wait)
      throws InterruptedException {
    try (var stop = new StopSignals()) {
      var dropped = new ArrayList<ArchivePartition>();
      for (var partition : archive.oldPartitions(before)) {
        archive.drop(partition);
        dropped.add(partition);
      }
      long total = archive.count(before, MAX_COUNTED);
      long deleted = 0;
      int last;
      do {
        last = archive.delete(before, batch);
        deleted += last;
        if (total > batch) {
          console.progress("purging", deleted, Math.max(total, deleted), "");
        }
      } while (last == batch && !stop.await(wait.toNanos(), TimeUnit.NANOSECONDS));
      console.progressDone();
      return new Purged(deleted, List.copyOf(dropped), last < batch);
    }
  }

  private void report(Console console, QueueName name, Instant before, Purged purged) {
    if (json) {
      var document = new LinkedHashMap<String, Object>();
      document.put("queue", name.value());
      document.put("archived_before", before.toString());
      document.put("dry_run", dryRun);
      document.put("messages", purged.messages());
      document.put("partitions", purged.partitions().stream().map(ArchivePartition::name).toList());
      document.put("complete", purged.complete());
      new DocumentPrinter(console).json(document);
      return;
    }
    var many = dryRun && purged.messages() == MAX_COUNTED ? " or more" : "";
    for (var partition : purged.partitions()) {
      console.line(
          "%s the partition %s: %s, about %d messages"
              .formatted(
                  dryRun ? "would drop" : "dropped",
                  partition.name(),
                  HumanFormat.bytes(partition.bytes()),
                  partition.rows()));
    }
    console.line(
        "%s %d%s messages from the archive of %s, archived before %s"
            .formatted(dryRun ? "would delete" : "deleted", purged.messages(), many, name, before));
    if (!purged.complete()) {
      console.error("stopped; the same command goes on with the others");
    }
  }
}
