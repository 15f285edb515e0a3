package org.wasmbroker.cli;

import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes a candidate the stable version. */
@Command(
    name = "promote",
    description = {
      "Make a handler's candidate its stable version, in the rollout file: all steps that start"
          + " from then on get it.",
      "Exits with 1 if the handler has no candidate."
    },
    mixinStandardHelpOptions = true)
final class RolloutPromoteCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Mixin private final ReportOptions options = new ReportOptions();

  @Parameters(paramLabel = "HANDLER", description = "A handler's name.")
  private String handler = "";

  @Override
  public Integer call() {
    var config = options.load();
    var file = RolloutFiles.of(config);
    var console = Console.of(Objects.requireNonNull(spec));
    if (RolloutFiles.handler(config.rollout().initial(), handler).candidate() == null) {
      console.error("%s has no candidate in %s".formatted(handler, file));
      return ExitCode.FAILED;
    }
    var changed =
        RolloutFiles.change(
            file,
            edit -> {
              var candidate = RolloutFiles.handler(edit.rollout(), handler).candidate();
              if (candidate != null) {
                edit.setStable(handler, candidate.version());
                edit.removeCandidate(handler);
              }
            });
    RolloutChange.print(changed, handler, file, options.json(), console);
    return ExitCode.OK;
  }
}
