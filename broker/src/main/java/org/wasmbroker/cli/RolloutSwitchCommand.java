package org.wasmbroker.cli;

import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** Puts another channel into service. */
@Command(
    name = "switch",
    description = {
      "Let plain references mean another channel, in the rollout file: blue and green in one atomic"
          + " change.",
      "Steps under way end on what they began with."
    },
    mixinStandardHelpOptions = true)
final class RolloutSwitchCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Mixin private final ReportOptions options = new ReportOptions();

  @Parameters(paramLabel = "CHANNEL", description = "A channel of the file.")
  private String channel = "";

  @Override
  public Integer call() {
    var file = RolloutFiles.of(options.load());
    var changed = RolloutFiles.change(file, edit -> edit.setDefaultChannel(channel));
    var console = Console.of(Objects.requireNonNull(spec));
    if (options.json()) {
      console.line(
          JsonMapper.shared().writeValueAsString(new RolloutView(changed, null, null).json(false)));
    } else {
      console.line("%s: plain references mean channel %s".formatted(file, channel));
    }
    return ExitCode.OK;
  }
}
