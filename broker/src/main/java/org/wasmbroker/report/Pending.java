package org.wasmbroker.report;

import org.wasmbroker.step.Outcome;

/**
 * An outcome that waits to be written.
 *
 * @param since when it came, on the monotonic clock
 * @param refusedAt how many outcomes had been written when the database first refused this one and
 *     its replacement, or {@link #NEVER}
 */
record Pending(Outcome outcome, long since, long refusedAt) {
  static final long NEVER = -1;

  Pending refused(long written) {
    return new Pending(outcome, since, refusedAt == NEVER ? written : refusedAt);
  }

  /** What it keeps in memory. */
  long bytes() {
    long input = outcome.step().document().size();
    return outcome instanceof Outcome.Completed completed
        ? input + completed.result().size()
        : input;
  }
}
