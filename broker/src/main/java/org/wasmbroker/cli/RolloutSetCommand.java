package org.wasmbroker.cli;

import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.rollout.Percent;
import org.wasmbroker.step.Version;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Changes what a handler's steps get. */
@Command(
    name = "set",
    description = {
      "Change which versions a handler's steps get, in the rollout file.",
      "Comments and layout stay. The result is checked before the file is replaced; brokers apply"
          + " it within rollout.reload."
    },
    mixinStandardHelpOptions = true)
final class RolloutSetCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Mixin private final ReportOptions options = new ReportOptions();

  @Parameters(paramLabel = "HANDLER", description = "A handler's name.")
  private String handler = "";

  @Option(
      names = "--stable",
      paramLabel = "VERSION",
      description =
          "The version that all other steps get; in the default channel if that lists the handler.")
  private @Nullable String stable;

  @Option(
      names = "--candidate",
      paramLabel = "VERSION",
      description = "The version that a share of the steps gets.")
  private @Nullable String candidate;

  @Option(
      names = "--weight",
      paramLabel = "PERCENT",
      description = "That share, such as 10 or 0.25.")
  private @Nullable String weight;

  @Option(names = "--no-candidate", description = "All steps get the stable version.")
  private boolean noCandidate;

  @Override
  public Integer call() {
    var file = RolloutFiles.of(options.load());
    if (noCandidate && (candidate != null || weight != null)) {
      throw new UsageException("--no-candidate excludes --candidate and --weight");
    }
    if (stable == null && candidate == null && weight == null && !noCandidate) {
      throw new UsageException(
          "nothing to set; give --stable, --candidate, --weight or --no-candidate");
    }
    var changed =
        RolloutFiles.change(
            file,
            edit -> {
              if (stable != null) {
                edit.setStable(handler, Version.parse(stable));
              }
              if (candidate != null) {
                edit.setCandidate(handler, Version.parse(candidate));
              }
              if (weight != null) {
                edit.setWeight(handler, Percent.parse(weight));
              }
              if (noCandidate) {
                edit.removeCandidate(handler);
              }
            });
    RolloutChange.print(
        changed, handler, file, options.json(), Console.of(Objects.requireNonNull(spec)));
    return ExitCode.OK;
  }
}
