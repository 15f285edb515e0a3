package org.wasmbroker.cli;

import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.app.BrokerConfig;
import org.wasmbroker.app.Modules;
import org.wasmbroker.grant.Explanation;
import org.wasmbroker.grant.Policy;
import org.wasmbroker.grant.PolicyReadResult;
import org.wasmbroker.grant.PolicyWatcher;
import org.wasmbroker.registry.ManifestLookup;
import org.wasmbroker.registry.release.ModuleSourceException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Explains what a handler may do, and why not more. */
@Command(
    name = "explain",
    description = {
      "Show what a handler's manifest requests, what the policy grants, what is effective, and why"
          + " not more. Runs nothing and connects to nothing."
    },
    mixinStandardHelpOptions = true)
final class PolicyExplainCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Mixin private final ReportOptions options = new ReportOptions();

  @Parameters(
      paramLabel = "HANDLER[@VERSION]",
      description = "A handler's name; without a version, the newest.")
  private String handler = "";

  @Option(
      names = "--policy",
      paramLabel = "FILE",
      description = "A policy file to use instead of the configured one.")
  private @Nullable Path file;

  @Override
  public Integer call() {
    var config = options.load();
    var console = Console.of(Objects.requireNonNull(spec));
    var ref = HandlerArgument.parse(handler);
    try {
      var manifest =
          ManifestLookup.find(
                  Modules.sources(config.registry(), config.engine().moduleBytes()), ref)
              .orElseThrow(
                  () ->
                      new UsageException(
                          "no module serves "
                              + ref
                              + "; wasm-broker doctor lists the available ones"));
      var policy = policy(config);
      var explanation =
          Explanation.of(
              manifest.capabilities(), policy.granted(manifest.name(), manifest.version()));
      var text =
          new ExplanationFormatter(
              manifest,
              explanation,
              manifest.grants(policy),
              TrustPrinter.demands(policy.trust(), manifest.name()));
      if (options.json()) {
        console.line(text.json());
      } else {
        text.print(console);
      }
      return ExitCode.OK;
    } catch (ModuleSourceException unusable) {
      console.error(console.failure("refused") + " " + unusable.getMessage());
      return ExitCode.FAILED;
    }
  }

  private Policy policy(BrokerConfig config) {
    var override = file;
    if (override == null) {
      return config.policy().initial();
    }
    return switch (PolicyWatcher.read(override, config.limits())) {
      case PolicyReadResult.Valid(var policy) -> policy;
      case PolicyReadResult.Invalid(var problems) ->
          throw new UsageException(PolicyCheckCommand.problems(override, problems));
    };
  }
}
