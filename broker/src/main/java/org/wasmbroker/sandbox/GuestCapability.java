package org.wasmbroker.sandbox;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.CapabilityUsage;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.StepError;

/**
 * A capability of one step's guest: one object for all runs of the step, so that budgets and
 * remembered values span the whole step. Used by the step's thread.
 */
public interface GuestCapability extends AutoCloseable {
  /**
   * Replaces whatever must not leave the step.
   *
   * @param truncated whether more text followed, so that the text may end with the beginning of a
   *     value
   */
  default String redact(String text, boolean truncated) {
    return text;
  }

  /** The error with which the step ends if its output must not leave it, or null. */
  default @Nullable StepError checkOutput(Document output) {
    return null;
  }

  /** The error, or another one if it must not leave the step. */
  default StepError redact(StepError error) {
    return error;
  }

  /** What the step used, for its receipt, or null for nothing. */
  default @Nullable CapabilityUsage usage() {
    return null;
  }

  /**
   * Whether the step may run once more from its last checkpoint: since then, nothing was done that
   * must not be done twice.
   */
  default boolean isRepeatable() {
    return true;
  }

  /** Another attempt would continue from here. */
  default void checkpointSaved() {}

  /** Releases what the step held. */
  @Override
  default void close() {}
}
