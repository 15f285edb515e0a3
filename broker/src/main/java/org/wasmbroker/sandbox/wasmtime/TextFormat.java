package org.wasmbroker.sandbox.wasmtime;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.InvalidTextException;
import org.wasmbroker.sandbox.WasmBinary;

/** Assembles modules from WebAssembly's text format with libwasmtime. Thread-safe. */
public final class TextFormat {
  private final LibWasmtime lib;

  private TextFormat(LibWasmtime lib) {
    this.lib = lib;
  }

  /**
   * Loads libwasmtime.
   *
   * @param library a file to use instead of the bundled one, or null
   * @throws org.wasmbroker.sandbox.EngineUnavailableException if there is none that works on this
   *     machine
   */
  public static TextFormat load(@Nullable Path library) {
    return new TextFormat(NativeLibrary.load(library, NativeLibrary.userCacheDirectory()));
  }

  /**
   * The module that a text describes. That it is valid is not checked.
   *
   * @param text UTF-8
   * @throws InvalidTextException if it is not the text of a module; the message has the line
   */
  public WasmBinary toWasm(byte[] text) {
    try (var arena = Arena.ofConfined()) {
      var bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, text);
      long vector = arena.allocate(16, 8).address();
      long error = lib.call("wasmtime_wat2wasm", bytes.address(), bytes.byteSize(), vector);
      if (error != 0) {
        throw new InvalidTextException(new ErrorReader(lib).lines(error));
      }
      var wasm = NativeMemory.bytes(NativeMemory.getLong(vector + 8), NativeMemory.getLong(vector));
      lib.call("wasm_byte_vec_delete", vector);
      return new WasmBinary(wasm);
    }
  }
}
