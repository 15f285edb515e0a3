package org.wasmbroker.rollout;

import java.util.Set;

/**
 * How runs of one version ended.
 *
 * @param runs all of them
 */
public record RunCounts(long runs, long traps, long limits, long failures) {
  public static final RunCounts NONE = new RunCounts(0, 0, 0, 0);

  public RunCounts plus(RunCounts more) {
    return new RunCounts(
        runs + more.runs, traps + more.traps, limits + more.limits, failures + more.failures);
  }

  RunCounts minus(RunCounts earlier) {
    return new RunCounts(
        runs - earlier.runs,
        traps - earlier.traps,
        limits - earlier.limits,
        failures - earlier.failures);
  }

  /** The bad ends of these kinds. */
  public long bad(Set<BadEnd> kinds) {
    return (kinds.contains(BadEnd.TRAPS) ? traps : 0)
        + (kinds.contains(BadEnd.LIMITS) ? limits : 0)
        + (kinds.contains(BadEnd.PERMANENT_FAILURES) ? failures : 0);
  }
}
