package org.wasmbroker.cli;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.registry.release.Verdict;

/** A verdict on a release as it is written. */
final class TrustVerdict {
  private TrustVerdict() {}

  static String name(Verdict verdict) {
    return switch (verdict) {
      case Verdict.Trusted _ -> "trusted";
      case Verdict.Untrusted _ -> "untrusted";
      case Verdict.AwaitingApproval _ -> "awaiting_approval";
    };
  }

  static @Nullable String reason(Verdict verdict) {
    return switch (verdict) {
      case Verdict.Trusted _ -> null;
      case Verdict.Untrusted(var reason) -> reason;
      case Verdict.AwaitingApproval(var reason) -> reason;
    };
  }
}
