package org.wasmbroker.cli;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Commands that know nothing of step documents. */
@Command(
    name = "tool",
    description = "Run commands: modules with arguments, standard streams and an exit code.",
    mixinStandardHelpOptions = true,
    subcommands = ToolRunCommand.class)
final class ToolCommand implements Runnable {
  @Spec private @Nullable CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        Objects.requireNonNull(spec).commandLine(),
        "a subcommand is missing; tool --help lists them");
  }
}
