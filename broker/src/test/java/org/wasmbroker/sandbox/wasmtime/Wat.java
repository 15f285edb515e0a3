package org.wasmbroker.sandbox.wasmtime;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import org.wasmbroker.sandbox.WasmBinary;

/** Compiles WebAssembly's text format with libwasmtime, for test guests of all engines. */
public final class Wat {
  private static final LibWasmtime LIB =
      NativeLibrary.load(null, NativeLibrary.userCacheDirectory());

  private Wat() {}

  public static WasmBinary toWasm(String text) {
    try (var arena = Arena.ofConfined()) {
      var bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, text.getBytes(StandardCharsets.UTF_8));
      long vector = arena.allocate(16, 8).address();
      long error = LIB.call("wasmtime_wat2wasm", bytes.address(), bytes.byteSize(), vector);
      if (error != 0) {
        throw new IllegalArgumentException(new ErrorReader(LIB).message(error));
      }
      var wasm = NativeMemory.bytes(NativeMemory.getLong(vector + 8), NativeMemory.getLong(vector));
      LIB.call("wasm_byte_vec_delete", vector);
      return new WasmBinary(wasm);
    }
  }
}
