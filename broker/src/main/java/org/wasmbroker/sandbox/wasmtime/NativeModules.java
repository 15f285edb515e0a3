package org.wasmbroker.sandbox.wasmtime;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import org.wasmbroker.sandbox.EngineUnavailableException;
import org.wasmbroker.sandbox.ModuleRefusedException;
import org.wasmbroker.sandbox.ModuleRefusedException.Reason;

/**
 * Makes a {@code wasmtime_module_t}: from WebAssembly, which is compiled, or from code that was
 * compiled before. Logs nothing, as the compiler's process has no log.
 */
final class NativeModules {
  private static final int VERSION_SEARCH_BYTES = 256;
  private static final byte[] EMPTY_MODULE = {0, 'a', 's', 'm', 1, 0, 0, 0};

  private final LibWasmtime lib;
  private final ErrorReader errors;
  private final long engine;

  NativeModules(LibWasmtime lib, long engine) {
    this.lib = lib;
    this.errors = new ErrorReader(lib);
    this.engine = engine;
  }

  /**
   * The C API has no function that returns the version, but serialised modules contain the major
   * version, which is what the binding depends on.
   *
   * @throws EngineUnavailableException if the library has a different version
   */
  static void checkVersion(LibWasmtime lib) {
    long engine = lib.call("wasm_engine_new");
    boolean supported;
    try (var arena = Arena.ofConfined()) {
      var modules = new NativeModules(lib, engine);
      long module = modules.compile(emptyModule(arena));
      supported =
          isSupportedVersion(modules.serialise(module, arena).toArray(ValueLayout.JAVA_BYTE));
      modules.delete(module);
    } finally {
      lib.call("wasm_engine_delete", engine);
    }
    if (!supported) {
      throw new EngineUnavailableException(
          "%s is a different version of libwasmtime; this broker was built for %s"
              .formatted(lib.file(), NativeLibrary.VERSION),
          null);
    }
  }

  static MemorySegment emptyModule(Arena arena) {
    return arena.allocateFrom(ValueLayout.JAVA_BYTE, EMPTY_MODULE);
  }

  /** The version is in the head of the file, after a byte with its length. */
  static boolean isSupportedVersion(byte[] code) {
    var major = NativeLibrary.MAJOR;
    var head =
        new String(
            code, 0, Math.min(code.length, VERSION_SEARCH_BYTES), StandardCharsets.ISO_8859_1);
    return head.contains((char) major.length() + major);
  }

  /**
   * Compiles a module.
   *
   * @param wasm in native memory
   * @throws ModuleRefusedException if the engine refuses the module; the message gives its reason
   */
  long compile(MemorySegment wasm) {
    try (var arena = Arena.ofConfined()) {
      long out = arena.allocate(ValueLayout.JAVA_LONG).address();
      long error = lib.call("wasmtime_module_new", engine, wasm.address(), wasm.byteSize(), out);
      if (error != 0) {
        throw new ModuleRefusedException(
            Reason.INVALID, "the engine refuses the module: " + errors.message(error));
      }
      return NativeMemory.getLong(out);
    }
  }

  /** The code of a module, in native memory that the arena frees. */
  @SuppressWarnings("restricted")
  MemorySegment serialise(long module, Arena arena) {
    try (var local = Arena.ofConfined()) {
      long vector = local.allocate(16, 8).address();
      long error = lib.call("wasmtime_module_serialize", module, vector);
      if (error != 0) {
        throw new IllegalStateException("cannot serialise a module: " + errors.message(error));
      }
      return NativeMemory.segment(NativeMemory.getLong(vector + 8), NativeMemory.getLong(vector))
          .reinterpret(arena, this::freeBytes);
    }
  }

  private void freeBytes(MemorySegment bytes) {
    try (var arena = Arena.ofConfined()) {
      long vector = arena.allocate(16, 8).address();
      NativeMemory.putLong(vector, bytes.byteSize());
      NativeMemory.putLong(vector + 8, bytes.address());
      lib.call("wasm_byte_vec_delete", vector);
    }
  }

  /**
   * Makes a module of native code, which the engine does not verify.
   *
   * @param code in native memory
   * @throws IllegalArgumentException if it was compiled for other settings, another version or
   *     another processor
   */
  long deserialise(MemorySegment code) {
    try (var arena = Arena.ofConfined()) {
      long out = arena.allocate(ValueLayout.JAVA_LONG).address();
      long error =
          lib.call("wasmtime_module_deserialize", engine, code.address(), code.byteSize(), out);
      if (error != 0) {
        throw new IllegalArgumentException(errors.message(error));
      }
      return NativeMemory.getLong(out);
    }
  }

  /** The size of a module's machine code in the memory of this process. */
  long codeBytes(long module) {
    try (var arena = Arena.ofConfined()) {
      long range = arena.allocate(16, 8).address();
      lib.call("wasmtime_module_image_range", module, range, range + 8);
      return NativeMemory.getLong(range + 8) - NativeMemory.getLong(range);
    }
  }

  void delete(long module) {
    lib.call("wasmtime_module_delete", module);
  }
}
