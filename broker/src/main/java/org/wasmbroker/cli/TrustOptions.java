package org.wasmbroker.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.app.BrokerConfig;
import org.wasmbroker.document.Problem;
import org.wasmbroker.grant.Policy;
import org.wasmbroker.grant.PolicyReadResult;
import org.wasmbroker.grant.PolicyWatcher;
import org.wasmbroker.registry.trust.Approvals;
import org.wasmbroker.registry.trust.ApprovalsFile;
import org.wasmbroker.registry.trust.TrustPolicy;
import org.wasmbroker.step.TimeSource;
import picocli.CommandLine.Option;

/** Which policy a command judges modules by. */
final class TrustOptions {
  @Option(
      names = "--policy",
      paramLabel = "FILE",
      description = "A policy file to use instead of the configured one.")
  private @Nullable Path file;

  /** The verdicts of that policy with the configured approvals, as a broker would give them now. */
  TrustPolicy load(BrokerConfig config) {
    var trust = new TrustPolicy(policy(config).trust(), TimeSource.SYSTEM);
    trust.apply(approvals(config.registry().approvals()));
    return trust;
  }

  /** The policy itself. */
  Policy policy(BrokerConfig config) {
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

  private static Approvals approvals(@Nullable Path file) {
    if (file == null) {
      return Approvals.NONE;
    }
    return switch (new ApprovalsFile(file).read()) {
      case ApprovalsFile.Reading.Valid(var approvals) -> approvals;
      case ApprovalsFile.Reading.Missing _ -> Approvals.NONE;
      case ApprovalsFile.Reading.Invalid(var problems) ->
          throw new UsageException("the approvals are invalid: " + Problem.join(problems));
    };
  }
}
