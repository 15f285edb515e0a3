package org.wasmbroker.sandbox.wasmtime;

import java.nio.charset.StandardCharsets;
import org.wasmbroker.sandbox.WasmBinary;

/** Assembles guests of tests, for all engines. */
public final class Wat {
  private static final TextFormat FORMAT = TextFormat.load(null);

  private Wat() {}

  public static WasmBinary toWasm(String text) {
    return FORMAT.toWasm(text.getBytes(StandardCharsets.UTF_8));
  }
}
