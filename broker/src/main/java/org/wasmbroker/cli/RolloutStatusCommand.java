package org.wasmbroker.cli;

import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

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

  @Mixin private final ConfigOptions options = new ConfigOptions();

  @Mixin private final ProtocolOptions protocol = new ProtocolOptions();

  @Option(names = "--json", description = "Print one JSON document.")
  private boolean json;

  @Override
  public Integer call() {
    protocol.applyTo(options);
    options.putDefault("log.level", "error");
    var config = options.load();
    var _ = RolloutFiles.of(config);
    var console = Console.of(Objects.requireNonNull(spec));
    var view = RolloutShowCommand.view(config);
    if (json) {
      console.line(JsonMapper.shared().writeValueAsString(view.json(true)));
    } else {
      view.print(console, true);
    }
    return view.known() == null ? ExitCode.UNAVAILABLE : ExitCode.OK;
  }
}
