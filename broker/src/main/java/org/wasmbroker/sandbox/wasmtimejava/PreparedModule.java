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
import org.wasmbroker.sandbox.host.ValidatedModule;
import org.wasmbroker.step.Digest;

/**
 * An admitted module, made ready for this engine.
 *
 * @param functions what its imports are called through
 * @param digest of the binary as it was admitted
 * @param wasm the binary, its start function being an export
 * @param shape the shape of {@code wasm}
 * @param start the name of that export
 * @param imports in the order of the module's imports
 */
record PreparedModule(
    HostFunctionTable functions,
    Digest digest,
    ValidatedModule admitted,
    WasmBinary wasm,
    ModuleShape shape,
    Optional<String> start,
    List<HostImport> imports) {

  static PreparedModule of(HostFunctionTable functions, WasmBinary wasm, ValidatedModule admitted) {
    var imports =
        admitted.imports().stream().map(function -> HostImport.of(functions, function)).toList();
    var outlined = VectorOutliner.outline(admitted.wasm(), admitted.shape());
    var shape = ModuleShape.of(outlined);
    if (shape.start().isEmpty()) {
      return new PreparedModule(
          functions, wasm.digest(), admitted, outlined, shape, Optional.empty(), imports);
    }
    // Instantiation would hide why the start function failed; a call of an export tells.
    var exported = StartExport.of(outlined, shape);
    return new PreparedModule(
        functions,
        wasm.digest(),
        admitted,
        exported.wasm(),
        ModuleShape.of(exported.wasm()),
        Optional.of(exported.name()),
        imports);
  }

  /**
   * A host function that the module imports.
   *
   * @param index its place in the catalogue
   */
  record HostImport(int index, HostFunction function, FuncType type) {
    static HostImport of(HostFunctionTable functions, HostFunction function) {
      return new HostImport(functions.all().indexOf(function), function, type(function));
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
