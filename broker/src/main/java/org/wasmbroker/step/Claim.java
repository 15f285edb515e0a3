package org.wasmbroker.step;

import org.jspecify.annotations.Nullable;

/**
 * The proof that this broker owns a step, issued and understood by the protocol that the step came
 * from. Equal claims are the same ownership; a later claim of the same step is a different one.
 *
 * <p>A step is a suspect if an earlier claim of it was lost: its worker ended without a report,
 * perhaps because of the step (docs/adr/0022-suspects.md).
 */
public interface Claim {
  /** Whether an earlier claim of the step was lost, so that its start has to be recorded. */
  default boolean isSuspect() {
    return lostStarts() > 0;
  }

  /** The id of the step's message in its queue, or null if it has none. */
  default @Nullable String messageId() {
    return null;
  }

  /** How many earlier claims of the step were lost after its start had been recorded. */
  default int lostStarts() {
    return 0;
  }
}
