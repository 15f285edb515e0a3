package org.wasmbroker.sandbox;

/** The error codes of ABI v1: negative numbers that the guest can handle. */
public enum AbiError {
  /** A range outside the guest's memory. */
  FAULT(-1),
  /** An invalid argument. */
  INVALID(-2),
  /** More bytes than the function accepts. */
  TOO_LARGE(-3),
  /** Not allowed at this point of the run, such as a second output. */
  STATE(-4),
  /** Not granted. */
  DENIED(-5),
  NOT_FOUND(-6),
  RATE_LIMITED(-7),
  TIMEOUT(-8),
  IO(-9),
  /** The run's budget for this function is exhausted. */
  BUDGET(-10);

  private final int code;

  AbiError(int code) {
    this.code = code;
  }

  public int code() {
    return code;
  }
}
