package org.wasmbroker.cli;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The broker's queues as tables of Postgres. */
@Command(
    name = "queue",
    description = "Show how full the broker's queues are, and make their archives smaller.",
    mixinStandardHelpOptions = true,
    subcommands = {QueueStatsCommand.class, QueuePurgeArchiveCommand.class})
final class QueueCommand implements Runnable {
  @Spec private @Nullable CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        Objects.requireNonNull(spec).commandLine(),
        "a subcommand is missing: queue stats or purge-archive");
  }
}
