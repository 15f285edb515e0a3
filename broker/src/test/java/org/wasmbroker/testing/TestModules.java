package org.wasmbroker.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.sandbox.wasmtime.Wat;

/** Writes modules into a directory, as an operator does: {@code <name>/1.0.0/module.wasm}. */
public final class TestModules {
  private TestModules() {}

  /** Adds a test guest under its own name. */
  public static void addGuest(Path directory, String guest) {
    add(directory, guest, Guests.guest(guest));
  }

  /** Adds a module that always writes this result document, which must not contain '\\'. */
  public static void addFixed(Path directory, String name, String document) {
    addFixed(directory, name, "1.0.0", document);
  }

  /** The same, at a version. */
  public static void addFixed(Path directory, String name, String version, String document) {
    var wat =
        """
        (module
          (import "wasm_broker_v1" "write_output" (func $write_output (param i32 i32) (result i32)))
          (memory (export "memory") 1)
          (data (i32.const 0) "%s")
          (func (export "run") (result i32) (call $write_output (i32.const 0) (i32.const %d))))"""
            .formatted(document.replace("\"", "\\22"), document.length());
    add(directory, name, version, Wat.toWasm(wat));
  }

  /** Adds a module under this name, with a minimal manifest. */
  public static void add(Path directory, String name, WasmBinary module) {
    add(directory, name, "1.0.0", module);
  }

  /**
   * Adds a module whose steps never end by themselves, unlike those of the catalog, whose manifests
   * limit their time.
   */
  public static void addEndless(Path directory, String name) {
    add(directory, name, HostileGuests.module("endless-loop"));
  }

  private static void add(Path directory, String name, String version, WasmBinary module) {
    var home = directory.resolve(name).resolve(version);
    try {
      Files.createDirectories(home);
      Files.write(home.resolve("module.wasm"), module.bytes());
      Files.writeString(
          home.resolve("manifest.json"),
          """
          {"name":"%s","version":"%s","abi":"1"}"""
              .formatted(name, version));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
