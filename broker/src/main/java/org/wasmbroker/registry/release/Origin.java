package org.wasmbroker.registry.release;

/** Whose module it is. */
public enum Origin {
  /** Part of this build of the broker. */
  BUILT_IN,
  /** Brought by a user, in whatever source. */
  USER
}
