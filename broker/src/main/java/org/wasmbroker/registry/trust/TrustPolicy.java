package org.wasmbroker.registry.trust;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.grant.trust.TrustRules;
import org.wasmbroker.registry.release.Evidence;
import org.wasmbroker.registry.release.OciLayout;
import org.wasmbroker.registry.release.Origin;
import org.wasmbroker.registry.release.Release;
import org.wasmbroker.registry.release.ReleaseId;
import org.wasmbroker.registry.release.TrustCheck;
import org.wasmbroker.registry.release.Verdict;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.TimeSource;

/**
 * The verdict on a module, from the demands of the policy, the approvals and the time. What comes
 * with the broker is trusted as the broker is; every other module has to meet every demand.
 */
public final class TrustPolicy implements TrustCheck {
  private final TimeSource time;
  private volatile TrustRules rules;
  private volatile Approvals approvals = Approvals.NONE;

  public TrustPolicy(TrustRules rules, TimeSource time) {
    this.rules = rules;
    this.time = time;
  }

  /**
   * For a process that watches nothing. Approvals that cannot be used approve nothing.
   *
   * @param approvals their file, or null
   */
  public static TrustPolicy now(TrustRules rules, @Nullable Path approvals) {
    var policy = new TrustPolicy(rules, TimeSource.SYSTEM);
    if (approvals != null
        && new ApprovalsFile(approvals).read() instanceof ApprovalsFile.Reading.Valid(var valid)) {
      policy.apply(valid);
    }
    return policy;
  }

  /** Other demands, for verdicts from now on. */
  public void apply(TrustRules rules) {
    this.rules = rules;
  }

  /** Other approvals, for verdicts from now on. */
  public void apply(Approvals approvals) {
    this.approvals = approvals;
  }

  TrustRules rules() {
    return rules;
  }

  Approvals approvals() {
    return approvals;
  }

  /** What an approval names: the canonical form of the release, wherever it is kept. */
  public static Digest approvalDigest(ReleaseId id, Evidence evidence) {
    return OciLayout.of(
            id,
            evidence.manifest(),
            evidence.module(),
            evidence.moduleBytes(),
            evidence.component())
        .digest();
  }

  @Override
  public Verdict check(Release release, Evidence evidence) {
    return switch (release.origin()) {
      case Origin.BUILT_IN -> new Verdict.Trusted();
      case Origin.USER -> {
        var id = release.id();
        var unsigned = unsigned(id, evidence);
        yield unsigned.isPresent()
            ? new Verdict.Untrusted(unsigned.orElseThrow())
            : approved(id, evidence);
      }
    };
  }

  private Optional<String> unsigned(ReleaseId id, Evidence evidence) {
    var demands = rules.signaturesFor(id.handler());
    if (demands.isEmpty()) {
      return Optional.empty();
    }
    var mismatch = SignedContent.mismatch(id, evidence);
    var provenance = evidence.provenance();
    var signed = provenance.manifestDigest();
    if (mismatch.isPresent() || signed == null) {
      return mismatch;
    }
    var judge = new SignatureJudge(signed, provenance, time.now());
    return demands.stream().flatMap(rule -> judge.unmet(rule).stream()).findFirst();
  }

  /** An approval counts on top of signatures and never instead of them. */
  private Verdict approved(ReleaseId id, Evidence evidence) {
    if (!rules.needsApproval(id.handler())) {
      return new Verdict.Trusted();
    }
    var digest = approvalDigest(id, evidence);
    return approvals.of(digest).isPresent()
        ? new Verdict.Trusted()
        : new Verdict.AwaitingApproval(
            "nobody has approved sha256:%s; a person does so with: wasm-broker registry approve %s"
                .formatted(digest, id));
  }
}
