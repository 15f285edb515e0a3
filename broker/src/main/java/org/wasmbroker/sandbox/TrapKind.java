package org.wasmbroker.sandbox;

import org.wasmbroker.step.WireName;

/** Why an engine stopped a guest. */
public enum TrapKind {
  UNREACHABLE,
  /** The guest called {@code env.abort}. */
  ABORTED,
  MEMORY_OUT_OF_BOUNDS,
  TABLE_OUT_OF_BOUNDS,
  STACK_OVERFLOW,
  INTEGER_DIVISION_BY_ZERO,
  INTEGER_OVERFLOW,
  BAD_CONVERSION_TO_INTEGER,
  /** An indirect call through a null table element. */
  INDIRECT_CALL_TO_NULL,
  /** An indirect call to a function of a different type. */
  BAD_SIGNATURE,
  /** A host function detected a violation of the ABI. */
  HOST_FUNCTION,
  /** Any other reason; the message says which. */
  OTHER;

  /** The name on the wire, such as {@code stack_overflow}. */
  public String text() {
    return WireName.of(this);
  }
}
