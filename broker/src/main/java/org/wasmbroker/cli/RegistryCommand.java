package org.wasmbroker.cli;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The releases in the configured sources. */
@Command(
    name = "registry",
    description = "Look at releases, compare and fetch them, and say which may run.",
    mixinStandardHelpOptions = true,
    subcommands = {
      RegistryListCommand.class,
      RegistryShowCommand.class,
      RegistryDiffCommand.class,
      RegistryPullCommand.class,
      RegistryVerifyCommand.class,
      RegistryApproveCommand.class,
      RegistryGcCommand.class
    })
final class RegistryCommand implements Runnable {
  @Spec private @Nullable CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        Objects.requireNonNull(spec).commandLine(),
        "a subcommand is missing; registry --help lists them");
  }
}
