package org.wasmbroker.sandbox;

/**
 * What a function of ABI v1 answers a guest's mistake with: a negative number the guest can handle.
 */
public enum AbiError {
  /** A range that is not inside the guest's memory. */
  FAULT(-1),
  /** An argument that has no meaning. */
  INVALID(-2),
  /** More bytes than the function takes. */
  TOO_LARGE(-3),
  /** Not at this point of the run, such as a second output. */
  STATE(-4),
  /** No grant covers it. */
  DENIED(-5),
  NOT_FOUND(-6),
  RATE_LIMITED(-7),
  TIMEOUT(-8),
  IO(-9),
  /** The run's budget for this function is used up. */
  BUDGET(-10);

  private final int code;

  AbiError(int code) {
    this.code = code;
  }

  public int code() {
    return code;
  }
}
