package org.wasmbroker.cli;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.document.Problem;
import org.wasmbroker.grant.Policy;
import org.wasmbroker.grant.PolicyReadResult;
import org.wasmbroker.grant.PolicyWatcher;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Validates a policy file as the broker would. */
@Command(
    name = "check",
    description = {
      "Validate a policy file as the broker would.",
      "All problems are reported at once, with exit code 2."
    },
    mixinStandardHelpOptions = true)
final class PolicyCheckCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Mixin private final ConfigOptions options = new ConfigOptions();

  @Parameters(paramLabel = "FILE", description = "The policy file.")
  private Path file = Path.of("");

  @Override
  public Integer call() {
    var console = Console.of(Objects.requireNonNull(spec));
    return switch (PolicyWatcher.read(file, options.load().limits())) {
      case PolicyReadResult.Valid(var policy) -> {
        print(policy, console);
        yield ExitCode.OK;
      }
      case PolicyReadResult.Invalid(var problems) -> {
        console.error(problems(file, problems));
        yield ExitCode.USAGE;
      }
    };
  }

  static String problems(Path file, List<Problem> problems) {
    var text = new StringBuilder("the policy " + file + " is invalid:");
    problems.forEach(problem -> text.append("\n  ").append(problem));
    return text.toString();
  }

  private void print(Policy policy, Console console) {
    console.line(
        "%s %s: %d %s, sha256:%s"
            .formatted(
                console.success("valid"),
                file,
                policy.rules(),
                policy.rules() == 1 ? "rule" : "rules",
                policy.digest()));
    for (var resourceClass : policy.classes()) {
      console.line(
          "  class %-12s %s"
              .formatted(resourceClass.name(), HumanFormat.bytes(resourceClass.memoryBytes())));
    }
    TrustPrinter.print(policy.trust(), Instant.now(), console);
  }
}
