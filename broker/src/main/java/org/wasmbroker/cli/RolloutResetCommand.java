package org.wasmbroker.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.app.BrokerConfig;
import org.wasmbroker.app.Protocols;
import org.wasmbroker.rollout.Rollback;
import org.wasmbroker.rollout.SharedStateException;
import org.wasmbroker.rollout.state.RolloutTables;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** Ends a rollback. */
@Command(
    name = "reset",
    description = {
      "End the rollback of a handler's candidate: it gets its share of the steps again, and its"
          + " runs are counted anew.",
      "Writes to the database; brokers learn of it within seconds. Exits with 1 if nothing was"
          + " rolled back."
    },
    mixinStandardHelpOptions = true)
final class RolloutResetCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Mixin private final ReportOptions options = new ReportOptions();

  @Mixin private final ProtocolOptions protocol = new ProtocolOptions();

  @Parameters(paramLabel = "HANDLER", description = "A handler's name.")
  private String handler = "";

  @Override
  public Integer call() {
    protocol.applyTo(options.config());
    var reset = reset(options.load());
    var console = Console.of(Objects.requireNonNull(spec));
    if (options.json()) {
      var value = new LinkedHashMap<String, Object>();
      value.put("handler", handler);
      value.put("reset", reset.stream().map(RolloutView::json).toList());
      console.line(JsonMapper.shared().writeValueAsString(value));
    } else if (reset.isEmpty()) {
      console.error("nothing of %s is rolled back".formatted(handler));
    } else {
      reset.forEach(
          rollback ->
              console.line(
                  "%s is no longer rolled back; it was since %s: %s"
                      .formatted(rollback.release(), rollback.decidedAt(), rollback.reason())));
    }
    return reset.isEmpty() ? ExitCode.FAILED : ExitCode.OK;
  }

  private List<Rollback> reset(BrokerConfig config) {
    try (var database = Protocols.database(config, "wasm-broker rollout")) {
      return RolloutTables.forCommand(database)
          .reset(handler, System.getProperty("user.name", "unknown"));
    } catch (SharedStateException unavailable) {
      throw new UnavailableException(
          new IllegalStateException(
              "%s; without the tables a rollback ends with its broker, or when the file names another candidate"
                  .formatted(unavailable.getMessage()),
              unavailable));
    }
  }
}
