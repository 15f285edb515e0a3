package org.wasmbroker.cli;

/** What the process's exit code says; {@code wasm-broker --help} lists the same. */
final class ExitCode {
  static final int OK = 0;

  /** The command ran and what it was asked to run failed: a guest, a step, a demo's expectation. */
  static final int FAILED = 1;

  /** The command line or the configuration is wrong. */
  static final int USAGE = 2;

  /** Something outside is missing or out of reach: the database, the engine, a file. */
  static final int UNAVAILABLE = 3;

  /** A fault of the broker's own. */
  static final int INTERNAL = 70;

  private ExitCode() {}
}
