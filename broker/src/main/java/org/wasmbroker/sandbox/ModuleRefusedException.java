package org.wasmbroker.sandbox;

/** A module is refused; the message says what is wrong with it. Retrying does not help. */
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

  /** The kind of problem. */
  public enum Reason {
    NOT_WEBASSEMBLY,
    INVALID,
    TOO_LARGE,
    UNKNOWN_IMPORT,
    MISSING_EXPORT,
    WRONG_SIGNATURE,
    OVER_LIMIT,
    /** It imports what it is not granted. */
    NOT_GRANTED,
    /** Its compilation took longer than {@link CompileLimits#time}. */
    COMPILE_TIME,
    /** Its compilation needed more memory than {@link CompileLimits#memoryBytes}. */
    COMPILE_MEMORY,
    /** Its compilation ended the process that it ran in. */
    COMPILE_CRASH
  }
}
