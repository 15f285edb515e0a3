package org.wasmbroker.fuzz;

import java.util.Objects;

/** What Jazzer calls: hands each input to the target that the system property names. */
public final class JazzerEntry {
  static final String TARGET = "wasm-broker.fuzz.target";

  private static final FuzzTarget ONE =
      FuzzTargets.named(Objects.requireNonNull(System.getProperty(TARGET), TARGET));

  private JazzerEntry() {}

  /** Loads what the target needs, before the time of an input is taken. */
  public static void fuzzerInitialize() throws Throwable {
    ONE.accept(ONE.seeds().getFirst());
  }

  public static void fuzzerTestOneInput(byte[] input) throws Throwable {
    ONE.accept(input);
  }
}
