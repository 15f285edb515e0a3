package org.wasmbroker.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.project.HandlerProject;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Builds and tries a handler again and again. */
@Command(
    name = "dev",
    description = {
      "Build a handler and run its examples whenever a file of it changes, until Ctrl-C.",
      "A build that fails, or a manifest that is invalid, is shown and waited out."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example:",
      "  wasm-broker dev hello",
      "In a running broker, a handler is tried with 'wasm-broker publish', see docs/publish.md."
    })
final class DevCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Mixin private final ConfigOptions options = new ConfigOptions();

  @Parameters(
      paramLabel = "DIR",
      arity = "0..1",
      description = "The handler's project (default: here).")
  private Path directory = Path.of("");

  @Option(
      names = {"-i", "--input"},
      paramLabel = "FILE",
      description = "Run this step document instead of the examples.")
  private @Nullable Path input;

  @Option(
      names = "--policy",
      paramLabel = "FILE",
      description = "What the handler may use (sets policy.file).")
  private @Nullable String policy;

  @Override
  public Integer call() throws IOException {
    var console = Console.of(Objects.requireNonNull(spec));
    var project = HandlerProject.open(directory);
    ProjectConfig.prepare(options, project, policy);
    try (var signals = new StopSignals();
        var trial = ProjectTrial.start(options.load())) {
      new DevLoop(project.directory(), input, trial, console, new OnSignal(signals)).run();
    }
    return ExitCode.OK;
  }

  private record OnSignal(StopSignals signals) implements DevLoop.Stop {
    @Override
    public boolean await(Duration time) {
      try {
        return signals.await(time.toMillis(), TimeUnit.MILLISECONDS);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        return true;
      }
    }

    @Override
    public boolean isAsked() {
      return signals.arrived();
    }
  }
}
