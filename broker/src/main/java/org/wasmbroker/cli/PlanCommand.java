package org.wasmbroker.cli;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Workflows before they run. */
@Command(
    name = "plan",
    description = "Check a workflow before it runs.",
    mixinStandardHelpOptions = true,
    subcommands = PlanCheckCommand.class)
final class PlanCommand implements Runnable {
  @Spec private @Nullable CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        Objects.requireNonNull(spec).commandLine(), "a subcommand is missing: plan check FILE");
  }
}
