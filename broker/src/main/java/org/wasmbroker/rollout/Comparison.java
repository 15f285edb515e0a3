package org.wasmbroker.rollout;

import java.util.Objects;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.Outcome;

/**
 * A candidate beside its stable version: how their runs end on this broker, in one episode, which
 * is the time between two resets.
 */
final class Comparison {
  private final HandlerRollout handler;
  private final Candidate candidate;
  private final int episode;
  private final RunCounter candidateRuns;
  private final RunCounter stableRuns;

  private Comparison(
      HandlerRollout handler,
      Candidate candidate,
      int episode,
      RunCounter candidateRuns,
      RunCounter stableRuns) {
    this.handler = handler;
    this.candidate = candidate;
    this.episode = episode;
    this.candidateRuns = candidateRuns;
    this.stableRuns = stableRuns;
  }

  /**
   * @param handler has a candidate
   */
  static Comparison of(HandlerRollout handler, int episode) {
    return new Comparison(
        handler,
        Objects.requireNonNull(handler.candidate()),
        episode,
        new RunCounter(),
        new RunCounter());
  }

  /** Under a changed file: the counts stay if they are of the same versions. */
  Comparison with(HandlerRollout changed) {
    var next = Objects.requireNonNull(changed.candidate());
    boolean sameStable = changed.stable().equals(handler.stable());
    return next.version().equals(candidate.version())
        ? new Comparison(
            changed, next, episode, candidateRuns, sameStable ? stableRuns : new RunCounter())
        : of(changed, 1);
  }

  /** From the start, in another episode. */
  Comparison restarted(int next) {
    return of(handler, next);
  }

  HandlerRollout handler() {
    return handler;
  }

  Candidate candidate() {
    return candidate;
  }

  ReleaseName candidateName() {
    return Rollback.name(handler, candidate.version());
  }

  ReleaseName stableName() {
    return Rollback.name(handler, handler.stable());
  }

  int episode() {
    return episode;
  }

  void ended(ModuleId module, Outcome outcome) {
    if (module.version().equals(candidate.version().toString())) {
      candidateRuns.ended(BadEnd.of(outcome));
    } else if (module.version().equals(handler.stable().toString())) {
      stableRuns.ended(BadEnd.of(outcome));
    }
  }

  RunCounts candidateWindow(long now) {
    return candidateRuns.window(now, candidate.rollback().window().toNanos());
  }

  RunCounts stableWindow(long now) {
    return stableRuns.window(now, candidate.rollback().window().toNanos());
  }

  RunCounts newCandidateRuns() {
    return candidateRuns.sinceLastTime();
  }

  RunCounts newStableRuns() {
    return stableRuns.sinceLastTime();
  }
}
