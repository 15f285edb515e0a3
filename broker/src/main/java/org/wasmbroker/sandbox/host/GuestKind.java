package org.wasmbroker.sandbox.host;

/** How a module is run. */
public enum GuestKind {
  /** By its export {@code run}, after {@code _initialize} if it exports one. */
  REACTOR,
  /** By its export {@code _start}: the input is its stdin, its stdout the output. */
  COMMAND
}
