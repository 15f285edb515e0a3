package org.wasmbroker.sandbox;

import org.wasmbroker.step.StepError;

/**
 * A step asks for something of a capability that it cannot have, or not now: no guest runs, or the
 * run that asked for it ends.
 */
public final class StepRefusedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final transient StepError error;

  public StepRefusedException(StepError error) {
    super(error.message(), null, false, false);
    this.error = error;
  }

  /** How the step ends. */
  public StepError error() {
    return error;
  }
}
