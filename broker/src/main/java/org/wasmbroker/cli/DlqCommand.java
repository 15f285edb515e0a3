package org.wasmbroker.cli;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Messages that cannot be processed any further. */
@Command(
    name = "dlq",
    description = {
      "Show the dead letters of the queue, send their messages again, or discard them.",
      "Dead letters are messages that are not valid, or whose attempts are used up; with the"
          + " standalone protocol only."
    },
    mixinStandardHelpOptions = true,
    subcommands = {
      DlqListCommand.class,
      DlqShowCommand.class,
      DlqReplayCommand.class,
      DlqDiscardCommand.class
    })
final class DlqCommand implements Runnable {
  @Spec private @Nullable CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        Objects.requireNonNull(spec).commandLine(),
        "a subcommand is missing: dlq list, show, replay or discard");
  }
}
