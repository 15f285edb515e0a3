package org.wasmbroker.report;

import org.wasmbroker.step.Outcome;

/**
 * An outcome that waits to be written.
 *
 * @param queuedAt when it was reported, on the monotonic clock
 * @param writtenAtRefusal how many outcomes had been written when the database first refused this
 *     one and its replacement, or {@link #NEVER}
 */
record PendingOutcome(Outcome outcome, long queuedAt, long writtenAtRefusal) {
  static final long NEVER = -1;

  PendingOutcome refused(long written) {
    return new PendingOutcome(
        outcome, queuedAt, writtenAtRefusal == NEVER ? written : writtenAtRefusal);
  }

  /** How much memory it occupies. */
  long bytes() {
    long input = outcome.step().document().size();
    return outcome instanceof Outcome.Completed completed
        ? input + completed.result().size()
        : input;
  }
}
