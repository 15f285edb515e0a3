package org.wasmbroker.cli;

import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Shows what the rollout file says, and what was rolled back. */
@Command(
    name = "show",
    description = {
      "Show which version each handler's steps get, and what was rolled back.",
      "Reads the rollout file, and the database for the rollbacks; without it, the rest is shown."
    },
    mixinStandardHelpOptions = true)
final class RolloutShowCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Mixin private final ReportOptions options = new ReportOptions();

  @Mixin private final ProtocolOptions protocol = new ProtocolOptions();

  @Override
  public Integer call() {
    var view = RolloutView.read(options, protocol);
    view.show(Console.of(Objects.requireNonNull(spec)), options.json(), false);
    return ExitCode.OK;
  }
}
