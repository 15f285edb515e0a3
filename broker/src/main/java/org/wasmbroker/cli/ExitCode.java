package org.wasmbroker.cli;

/** The process's exit codes; {@code wasm-broker --help} lists the same. */
public final class ExitCode {
  public static final int OK = 0;

  /** The command worked, but what it ran failed: a step, or a check of the doctor. */
  public static final int FAILED = 1;

  /** Invalid command line or configuration. */
  public static final int USAGE = 2;

  /** Something required is missing or unreachable: the database, the engine, a file. */
  public static final int UNAVAILABLE = 3;

  /** Internal error. */
  public static final int INTERNAL = 70;

  private ExitCode() {}
}
