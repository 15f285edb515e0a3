package org.wasmbroker.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.wasmbroker.sandbox.WasmBinary;

/** The handlers that are bundled with the broker. */
public final class PrebuiltHandlers {
  private PrebuiltHandlers() {}

  /** The module of a handler at version 1.0.0. */
  public static WasmBinary module(String handler) {
    return read("/org/wasmbroker/handlers/" + handler + "/1.0.0/module.wasm");
  }

  /** The module of an interpreter that is no handler, at version 1.0.0. */
  public static WasmBinary interpreter(String name) {
    return read("/org/wasmbroker/interpreters/" + name + "/1.0.0/module.wasm");
  }

  private static WasmBinary read(String resource) {
    try (var in = PrebuiltHandlers.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalArgumentException("missing resource " + resource);
      }
      return new WasmBinary(in.readAllBytes());
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
