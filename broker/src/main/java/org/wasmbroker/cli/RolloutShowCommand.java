package org.wasmbroker.cli;

import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.app.BrokerConfig;
import org.wasmbroker.app.Protocols;
import org.wasmbroker.rollout.SharedStateException;
import org.wasmbroker.rollout.state.RolloutTables;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

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
    var view = view(config);
    if (json) {
      console.line(JsonMapper.shared().writeValueAsString(view.json(false)));
    } else {
      view.print(console, false);
    }
    return ExitCode.OK;
  }

  /** With what can be read of the shared state. */
  static RolloutView view(BrokerConfig config) {
    var rollout = config.rollout().initial();
    try (var database = Protocols.database(config, "wasm-broker rollout")) {
      var known = RolloutTables.forCommand(database).read();
      return new RolloutView(rollout, known, null);
    } catch (SharedStateException unavailable) {
      return new RolloutView(
          rollout,
          null,
          "%s; without the tables each broker rolls back by itself, and says so in its health"
              .formatted(unavailable.getMessage()));
    }
  }
}
