package org.wasmbroker.cli;

import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Shows the effective configuration. */
@Command(
    name = "check-config",
    description = {
      "Check the configuration, and show the effective values and where each comes from.",
      "All problems are reported at once, with exit code 2. Connects to nothing."
    },
    mixinStandardHelpOptions = true)
final class CheckConfigCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Mixin private final ConfigOptions options = new ConfigOptions();

  @Mixin private final ProtocolOptions protocol = new ProtocolOptions();

  @Override
  public Integer call() {
    protocol.applyTo(options);
    var configuration = options.loadWithOrigins();
    protocol.checkAgainst(configuration.broker());
    var console = Console.of(Objects.requireNonNull(spec));
    console.line(configuration.describe());
    console.line("traces (OTEL_*): " + configuration.broker().traces().describe());
    return ExitCode.OK;
  }
}
