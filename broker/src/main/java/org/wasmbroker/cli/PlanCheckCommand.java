package org.wasmbroker.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.plan.PlanCheck;
import org.wasmbroker.plan.PlanReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Checks a workflow before it runs. */
@Command(
    name = "check",
    description = {
      "Check a workflow before it runs: a plan (docs/planning.md) or a task template of Tasker, as"
          + " YAML or JSON.",
      "Handlers, configurations, filters and references, destinations, secrets and new work against"
          + " the policy in force, steps that never start. No step is run: configurations are given"
          + " to their handlers in the sandbox without data and without anything to reach. The exit"
          + " code is 1 if there are errors; warnings alone leave it 0."
    },
    mixinStandardHelpOptions = true,
    footer = {"", "Example:", "  wasm-broker plan check orders.yaml --policy policy.yaml"})
final class PlanCheckCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Mixin private final ReportOptions options = new ReportOptions();

  @Mixin private final TrustOptions trust = new TrustOptions();

  @Parameters(paramLabel = "FILE", description = "The plan or task template.")
  private Path file = Path.of("");

  @Override
  public Integer call() throws IOException {
    var config = options.load();
    var console = Console.of(Objects.requireNonNull(spec));
    var bytes = Files.readAllBytes(file);
    var policy = trust.policy(config);
    var installed = new InstalledHandlers(config, policy, trust.load(config));
    try (var trial = new SandboxTrial(config, policy)) {
      var report = new PlanCheck(installed, trial).check(file.toString(), bytes);
      if (options.json()) {
        new DocumentPrinter(console).json(report.document());
      } else {
        print(report, console);
      }
      installed
          .unlisted()
          .forEach(problem -> console.error(console.failure("problem") + " " + problem));
      if (report.errors() > 0) {
        return ExitCode.FAILED;
      }
      return installed.unlisted().isEmpty() ? ExitCode.OK : ExitCode.UNAVAILABLE;
    }
  }

  private static void print(PlanReport report, Console console) {
    report.lines().forEach(console::line);
    console.line(
        "%s %s: %d steps, %d errors, %d warnings"
            .formatted(
                report.errors() == 0 ? console.success("valid") : console.failure("invalid"),
                report.file(),
                report.steps(),
                report.errors(),
                report.warnings()));
  }
}
