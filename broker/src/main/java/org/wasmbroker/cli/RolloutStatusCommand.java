package org.wasmbroker.cli;

import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Shows how candidates do beside their stable versions. */
@Command(
    name = "status",
    description = {
      "Show how runs of candidates and stable versions ended in the window, over all brokers, and"
          + " what was rolled back.",
      "Reads the database, where the brokers put their counts every second."
    },
    mixinStandardHelpOptions = true)
final class RolloutStatusCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Mixin private final ReportOptions options = new ReportOptions();

  @Mixin private final ProtocolOptions protocol = new ProtocolOptions();

  @Override
  public Integer call() {
    var view = RolloutView.read(options, protocol);
    view.show(Console.of(Objects.requireNonNull(spec)), options.json(), true);
    return view.known() == null ? ExitCode.UNAVAILABLE : ExitCode.OK;
  }
}
