package org.wasmbroker.telemetry;

import org.wasmbroker.step.Digest;

/** Loading the rollout file, and what becomes of its candidates. */
public sealed interface RolloutEvent extends BrokerEvent {
  /** A rollout file is in force, newly or again after one that could not be used. */
  record Applied(Digest digest, int handlers, int candidates) implements RolloutEvent {}

  /** The current rollout file cannot be used; the previous one stays in force. */
  record Refused(String reason) implements RolloutEvent {}

  /**
   * Another share of a handler's steps gets the candidate.
   *
   * @param percent 0 without a candidate and after a rollback
   */
  record Weighted(String handler, double percent) implements RolloutEvent {}

  /** How runs of the candidate, or of the stable version beside it, ended since the last time. */
  record RunsCounted(
      String handler, boolean candidate, long runs, long traps, long limits, long failures)
      implements RolloutEvent {}

  /** This broker stopped to route to a candidate. */
  record RolledBack(String handler, String version, String reason) implements RolloutEvent {}

  /** A person let the candidate have steps again. */
  record Reset(String handler, String version) implements RolloutEvent {}

  /** Whether this broker's rollbacks are shared with the others; not, without a usable table. */
  record Shared(boolean shared) implements RolloutEvent {}
}
