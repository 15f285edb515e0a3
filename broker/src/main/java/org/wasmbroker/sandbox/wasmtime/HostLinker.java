package org.wasmbroker.sandbox.wasmtime;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.wasmbroker.sandbox.ValueType;
import org.wasmbroker.sandbox.host.HostFunction;
import org.wasmbroker.sandbox.host.HostFunctionTable;

/** A {@code wasmtime_linker_t} with all host functions, defined once per engine. */
final class HostLinker {
  private final LibWasmtime lib;
  private final ErrorReader errors;
  private final long linker;

  HostLinker(LibWasmtime lib, long engine, HostFunctionTable functions, Upcalls upcalls) {
    this.lib = lib;
    this.errors = new ErrorReader(lib);
    this.linker = lib.call("wasmtime_linker_new", engine);
    for (var entry : functions.entries()) {
      define(entry.function(), upcalls.hostFunction(entry));
    }
  }

  /**
   * Resolves a module's imports once, so that runs need not.
   *
   * @return a {@code wasmtime_instance_pre_t}
   */
  long instancePre(long module) {
    try (var arena = Arena.ofConfined()) {
      long out = arena.allocate(ValueLayout.JAVA_LONG).address();
      long error = lib.call("wasmtime_linker_instantiate_pre", linker, module, out);
      if (error != 0) {
        throw new IllegalStateException(
            "the imports of a validated module do not link: " + errors.message(error));
      }
      return NativeMemory.getLong(out);
    }
  }

  void close() {
    lib.call("wasmtime_linker_delete", linker);
  }

  private void define(HostFunction function, long callback) {
    try (var arena = Arena.ofConfined()) {
      var module = utf8(arena, function.module());
      var name = utf8(arena, function.name());
      long type = type(lib, arena, function.params(), results(function));
      long error =
          lib.call(
              "wasmtime_linker_define_func_unchecked",
              linker,
              module.address(),
              module.byteSize(),
              name.address(),
              name.byteSize(),
              type,
              callback,
              0,
              0);
      lib.call("wasm_functype_delete", type);
      if (error != 0) {
        throw new IllegalStateException(
            "cannot define " + function.name() + ": " + errors.message(error));
      }
    }
  }

  private static List<ValueType> results(HostFunction function) {
    var result = function.result();
    return result == null ? List.of() : List.of(result);
  }

  /** A {@code wasm_functype_t}, which takes ownership of the type vectors. */
  static long type(LibWasmtime lib, Arena arena, List<ValueType> params, List<ValueType> results) {
    return lib.call("wasm_functype_new", types(lib, arena, params), types(lib, arena, results));
  }

  private static long types(LibWasmtime lib, Arena arena, List<ValueType> types) {
    var pointers = arena.allocate(ValueLayout.JAVA_LONG, Math.max(1, types.size()));
    for (int i = 0; i < types.size(); i++) {
      pointers.setAtIndex(
          ValueLayout.JAVA_LONG, i, lib.call("wasm_valtype_new", kind(types.get(i))));
    }
    long vector = arena.allocate(16, 8).address();
    lib.call("wasm_valtype_vec_new", vector, types.size(), pointers.address());
    return vector;
  }

  private static long kind(ValueType type) {
    return switch (type) {
      case I32 -> 0;
      case I64 -> 1;
      case F32 -> 2;
      case F64 -> 3;
      case V128, FUNCREF, EXTERNREF ->
          throw new IllegalArgumentException("a host function cannot use " + type);
    };
  }

  private static MemorySegment utf8(Arena arena, String text) {
    return arena.allocateFrom(ValueLayout.JAVA_BYTE, text.getBytes(StandardCharsets.UTF_8));
  }
}
