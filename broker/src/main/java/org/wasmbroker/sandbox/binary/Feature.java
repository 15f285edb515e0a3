package org.wasmbroker.sandbox.binary;

import org.wasmbroker.step.WireName;

/** What a module may use of WebAssembly beyond its first version; see docs/guest-abi.md. */
public enum Feature {
  SIGN_EXTENSION,
  NON_TRAPPING_FLOAT_TO_INT,
  MULTI_VALUE,
  BULK_MEMORY,
  REFERENCE_TYPES,
  SIMD,
  RELAXED_SIMD,
  TAIL_CALLS,
  EXCEPTIONS,
  GARBAGE_COLLECTION,
  THREADS,
  MULTIPLE_MEMORIES;

  /** As in docs/guest-abi.md, with hyphens. */
  @Override
  public String toString() {
    return WireName.hyphenated(this);
  }
}
