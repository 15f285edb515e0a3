package org.wasmbroker.cli;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which version of a handler which steps get. */
@Command(
    name = "rollout",
    description = "Show and change which version of a handler which steps get.",
    mixinStandardHelpOptions = true,
    subcommands = {
      RolloutShowCommand.class,
      RolloutStatusCommand.class,
      RolloutSetCommand.class,
      RolloutPromoteCommand.class,
      RolloutSwitchCommand.class,
      RolloutResetCommand.class
    })
final class RolloutCommand implements Runnable {
  @Spec private @Nullable CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        Objects.requireNonNull(spec).commandLine(),
        "a subcommand is missing: rollout show, status, set, promote, switch or reset");
  }
}
