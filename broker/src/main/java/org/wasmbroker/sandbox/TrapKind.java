package org.wasmbroker.sandbox;

import java.util.Locale;

/** Why an engine stops a guest. */
public enum TrapKind {
  UNREACHABLE,
  MEMORY_OUT_OF_BOUNDS,
  TABLE_OUT_OF_BOUNDS,
  STACK_OVERFLOW,
  INTEGER_DIVISION_BY_ZERO,
  INTEGER_OVERFLOW,
  BAD_CONVERSION_TO_INTEGER,
  /** An indirect call through a null table element. */
  INDIRECT_CALL_TO_NULL,
  /** An indirect call of a function of another type. */
  BAD_SIGNATURE,
  /** A host function found the guest breaking the ABI's contract. */
  HOST_FUNCTION,
  /** Another reason of the engine's, told by the message. */
  OTHER;

  /** The name on the wire, such as {@code stack_overflow}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
