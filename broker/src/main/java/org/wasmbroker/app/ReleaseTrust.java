package org.wasmbroker.app;

import java.util.List;
import java.util.stream.Collectors;
import org.wasmbroker.app.HealthCheck.Result;
import org.wasmbroker.registry.ReleaseStatus;

/** What health says of the releases that may not run. */
final class ReleaseTrust {
  private static final int MAX_NAMED = 3;

  private ReleaseTrust() {}

  /**
   * @param files what is to be said of the policy's keys and the approvals
   */
  static Result health(Result files, List<ReleaseStatus> releases) {
    var refused = releases.stream().filter(ReleaseTrust::isDistrusted).toList();
    if (refused.isEmpty()) {
      return files;
    }
    var named =
        refused.stream()
            .limit(MAX_NAMED)
            .map(release -> String.valueOf(release.problem()))
            .collect(Collectors.joining("; "));
    var others =
        refused.size() <= MAX_NAMED
            ? ""
            : "; and %d other releases".formatted(refused.size() - MAX_NAMED);
    return Result.degraded("%s; %s%s".formatted(files.detail(), named, others));
  }

  private static boolean isDistrusted(ReleaseStatus release) {
    return switch (release.state()) {
      case UNTRUSTED, AWAITING_APPROVAL -> true;
      case LISTED, LOADING, READY, REFUSED -> false;
    };
  }
}
