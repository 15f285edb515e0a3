package org.wasmbroker.sandbox.wasmtime;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.sandbox.EngineUnavailableException;
import org.wasmbroker.sandbox.ModuleRefusedException;
import org.wasmbroker.sandbox.ModuleRefusedException.Reason;
import org.wasmbroker.sandbox.WasmBinary;

/** Creates a {@code wasmtime_module_t} from WebAssembly or from cached code. */
final class Compiler {
  private static final Logger log = LoggerFactory.getLogger(Compiler.class);
  private static final int VERSION_SEARCH_BYTES = 256;
  private static final byte[] EMPTY_MODULE = {0, 'a', 's', 'm', 1, 0, 0, 0};

  private final LibWasmtime lib;
  private final ErrorReader errors;
  private final long engine;
  private final @Nullable CompileCache cache;

  Compiler(LibWasmtime lib, long engine, @Nullable Path cacheDirectory, String fingerprint) {
    this.lib = lib;
    this.errors = new ErrorReader(lib);
    this.engine = engine;
    this.cache = cacheDirectory == null ? null : CompileCache.open(cacheDirectory, fingerprint);
  }

  /**
   * The C API has no function that returns the version, but serialised modules contain the major
   * version, which is what the binding depends on.
   *
   * @throws EngineUnavailableException if the library has a different version
   */
  static void checkVersion(LibWasmtime lib) {
    long engine = lib.call("wasm_engine_new");
    var compiler = new Compiler(lib, engine, null, "");
    long module = compiler.compile(new WasmBinary(EMPTY_MODULE));
    var code = compiler.serialise(module);
    lib.call("wasmtime_module_delete", module);
    lib.call("wasm_engine_delete", engine);
    if (!isSupportedVersion(code)) {
      throw new EngineUnavailableException(
          "%s is a different version of libwasmtime; this broker was built for %s"
              .formatted(lib.file(), NativeLibrary.VERSION),
          null);
    }
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
   * Loads a module from the cache, or compiles it.
   *
   * @throws ModuleRefusedException if the engine refuses the module; the message gives its reason
   */
  long loadOrCompile(WasmBinary wasm) {
    if (cache == null) {
      return compile(wasm);
    }
    var cached = cache.find(wasm.digest());
    long module = cached == null ? 0 : deserialise(cached);
    if (module == 0) {
      module = compile(wasm);
      cache.store(wasm.digest(), serialise(module));
    }
    return module;
  }

  private long compile(WasmBinary wasm) {
    try (var arena = Arena.ofConfined()) {
      long out = arena.allocate(ValueLayout.JAVA_LONG).address();
      var bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, wasm.bytes());
      long error = lib.call("wasmtime_module_new", engine, bytes.address(), bytes.byteSize(), out);
      if (error != 0) {
        throw new ModuleRefusedException(
            Reason.INVALID, "the engine refuses the module: " + errors.message(error));
      }
      return NativeMemory.getLong(out);
    }
  }

  private byte[] serialise(long module) {
    try (var arena = Arena.ofConfined()) {
      long vector = arena.allocate(16, 8).address();
      long error = lib.call("wasmtime_module_serialize", module, vector);
      if (error != 0) {
        throw new IllegalStateException("cannot serialise a module: " + errors.message(error));
      }
      var bytes =
          NativeMemory.bytes(NativeMemory.getLong(vector + 8), NativeMemory.getLong(vector));
      lib.call("wasm_byte_vec_delete", vector);
      return bytes;
    }
  }

  /** Returns 0 if the engine rejects the code, for example after a change of processor. */
  private long deserialise(byte[] code) {
    try (var arena = Arena.ofConfined()) {
      long out = arena.allocate(ValueLayout.JAVA_LONG).address();
      MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, code);
      long error =
          lib.call("wasmtime_module_deserialize", engine, bytes.address(), code.length, out);
      if (error != 0) {
        log.atInfo()
            .addKeyValue("cause", errors.message(error))
            .log("A cached module does not match this engine; compiling it again");
        return 0;
      }
      return NativeMemory.getLong(out);
    }
  }
}
