package org.wasmbroker.sandbox.wasmtimejava;

import io.github.kawamuray.wasmtime.FuncType;
import io.github.kawamuray.wasmtime.Val;
import java.util.List;
import java.util.Optional;
import org.wasmbroker.sandbox.ValueType;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.sandbox.binary.ModuleShape;
import org.wasmbroker.sandbox.binary.StartExport;
import org.wasmbroker.sandbox.binary.VectorOutliner;
import org.wasmbroker.sandbox.host.HostFunction;
import org.wasmbroker.sandbox.host.HostFunctionTable;
import org.wasmbroker.sandbox.host.HostFunctionTable.Entry;
import org.wasmbroker.sandbox.host.ValidatedModule;
import org.wasmbroker.step.Digest;

/**
 * A validated module, prepared for this engine.
 *
 * @param functions what its imports are called through
 * @param digest the digest of the original binary
 * @param wasm the binary, with its start function exported
 * @param shape the shape of {@code wasm}
 * @param start the export that was the start function
 * @param imports the host functions that the module imports, in order
 */
record PreparedModule(
    HostFunctionTable functions,
    Digest digest,
    ValidatedModule validated,
    WasmBinary wasm,
    ModuleShape shape,
    Optional<String> start,
    List<HostImport> imports) {

  static PreparedModule of(
      HostFunctionTable functions, WasmBinary wasm, ValidatedModule validated) {
    var imports =
        validated.imports().stream().map(function -> HostImport.of(functions, function)).toList();
    var outlined = VectorOutliner.outline(validated.wasm(), validated.shape());
    var shape = ModuleShape.of(outlined);
    if (shape.start().isEmpty()) {
      return new PreparedModule(
          functions, wasm.digest(), validated, outlined, shape, Optional.empty(), imports);
    }
    // Instantiation would hide why the start function failed; calling an export reports it.
    var exported = StartExport.of(outlined, shape);
    return new PreparedModule(
        functions,
        wasm.digest(),
        validated,
        exported.wasm(),
        ModuleShape.of(exported.wasm()),
        Optional.of(exported.name()),
        imports);
  }

  /**
   * A host function that the module imports.
   *
   * @param entry its entry in the table of host functions
   */
  record HostImport(Entry entry, FuncType type) {
    static HostImport of(HostFunctionTable functions, HostFunction function) {
      return new HostImport(functions.entry(function), type(function));
    }

    private static FuncType type(HostFunction function) {
      var params = function.params().stream().map(HostImport::type).toArray(Val.Type[]::new);
      var results =
          function.result() == null ? new Val.Type[0] : new Val.Type[] {type(function.result())};
      return new FuncType(params, results);
    }

    private static Val.Type type(ValueType type) {
      return switch (type) {
        case I32 -> Val.Type.I32;
        case I64 -> Val.Type.I64;
        case F32 -> Val.Type.F32;
        case F64 -> Val.Type.F64;
        case V128, FUNCREF, EXTERNREF ->
            throw new IllegalArgumentException("a host function cannot use " + type);
      };
    }
  }
}
