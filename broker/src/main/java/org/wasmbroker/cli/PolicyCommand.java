package org.wasmbroker.cli;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What the policy grants to handlers. */
@Command(
    name = "policy",
    description = "Check a policy file, or explain what it grants to a handler.",
    mixinStandardHelpOptions = true,
    subcommands = {PolicyExplainCommand.class, PolicyCheckCommand.class})
final class PolicyCommand implements Runnable {
  @Spec private @Nullable CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        Objects.requireNonNull(spec).commandLine(),
        "a subcommand is missing: policy explain HANDLER, or policy check FILE");
  }
}
