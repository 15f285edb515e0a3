package org.wasmbroker.sandbox;

/** A module that will not be run, and what is wrong with it. Another attempt changes nothing. */
public final class ModuleRefusedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final Reason reason;

  public ModuleRefusedException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }

  /** What kind of thing is wrong. */
  public enum Reason {
    NOT_WEBASSEMBLY,
    INVALID,
    TOO_LARGE,
    UNKNOWN_IMPORT,
    MISSING_EXPORT,
    WRONG_SIGNATURE,
    OVER_LIMIT
  }
}
