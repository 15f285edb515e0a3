package org.wasmbroker.sandbox;

/**
 * A capability as the guest of one step has it: one object for all runs of the step, so that
 * budgets and remembered values hold for the whole step. Used by the step's thread.
 */
public interface GuestCapability {
  /**
   * Replaces whatever must not leave the step.
   *
   * @param truncated whether more text followed, so that a value's beginning may stand at the end
   */
  default String redact(String text, boolean truncated) {
    return text;
  }
}
