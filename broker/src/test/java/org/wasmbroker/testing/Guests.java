package org.wasmbroker.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.sandbox.wasmtime.Wat;

/** Guests for tests: {@code src/test/resources/guests/<name>.wat}. */
public final class Guests {
  private Guests() {}

  public static WasmBinary guest(String name) {
    try (var text = Guests.class.getResourceAsStream("/guests/" + name + ".wat")) {
      if (text == null) {
        throw new IllegalArgumentException("no guest " + name);
      }
      return Wat.toWasm(new String(text.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
