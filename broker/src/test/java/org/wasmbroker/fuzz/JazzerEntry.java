package org.wasmbroker.fuzz;

import java.util.Objects;

/** The entry point for Jazzer: passes each input to the target named by the system property. */
public final class JazzerEntry {
  static final String TARGET = "wasm-broker.fuzz.target";

  private static final FuzzTarget ONE =
      FuzzTargets.named(Objects.requireNonNull(System.getProperty(TARGET), TARGET));

  private JazzerEntry() {}

  /** Loads what the target needs, before inputs are timed. */
  public static void fuzzerInitialize() throws Throwable {
    ONE.accept(ONE.seeds().getFirst());
  }

  public static void fuzzerTestOneInput(byte[] input) throws Throwable {
    ONE.accept(input);
  }
}
