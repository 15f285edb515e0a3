package org.wasmbroker.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.wasmbroker.sandbox.WasmBinary;

/** Writes modules into a directory as an operator does: {@code <name>/1.0.0/module.wasm}. */
public final class TestModules {
  private TestModules() {}

  /** Adds a guest of the tests under its own name. */
  public static void addGuest(Path directory, String guest) {
    add(directory, guest, Guests.guest(guest));
  }

  /** Adds a module under this name, with a manifest that says nothing more. */
  public static void add(Path directory, String name, WasmBinary module) {
    var home = directory.resolve(name).resolve("1.0.0");
    try {
      Files.createDirectories(home);
      Files.write(home.resolve("module.wasm"), module.bytes());
      Files.writeString(
          home.resolve("manifest.json"),
          """
          {"name":"%s","version":"1.0.0","abi":"1"}"""
              .formatted(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
