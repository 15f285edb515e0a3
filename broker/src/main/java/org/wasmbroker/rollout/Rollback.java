package org.wasmbroker.rollout;

import java.time.Instant;
import org.wasmbroker.step.Version;

/**
 * The decision that a candidate gets no steps any more, until a person resets it.
 *
 * @param episode how often it has been rolled back, counting from 1
 * @param decidedBy the host name of the broker
 * @param candidateRuns in the window
 * @param candidateBad those that counted against it
 * @param reason a sentence with the numbers
 */
public record Rollback(
    ReleaseName release,
    int episode,
    Instant decidedAt,
    String decidedBy,
    String stableVersion,
    long candidateRuns,
    long candidateBad,
    long stableRuns,
    long stableBad,
    String reason) {

  static Rollback of(
      HandlerRollout handler,
      Candidate candidate,
      int episode,
      String decidedBy,
      Instant now,
      RunCounts counted,
      RunCounts stable) {
    var rule = candidate.rollback();
    long bad = counted.bad(rule.on());
    long stableBad = stable.bad(rule.on());
    return new Rollback(
        name(handler, candidate.version()),
        episode,
        now,
        decidedBy,
        handler.stable().toString(),
        counted.runs(),
        bad,
        stable.runs(),
        stableBad,
        "%d of %d runs of the candidate ended badly (%s; %d traps, %d limits, %d permanent failures), of the stable version %s %d of %d (%s); allowed is %s"
            .formatted(
                bad,
                counted.runs(),
                Percent.of(bad, counted.runs()),
                counted.traps(),
                counted.limits(),
                counted.failures(),
                handler.stable(),
                stableBad,
                stable.runs(),
                Percent.of(stableBad, stable.runs()),
                rule.describe()));
  }

  static ReleaseName name(HandlerRollout handler, Version version) {
    return new ReleaseName(handler.handler(), version.toString());
  }
}
