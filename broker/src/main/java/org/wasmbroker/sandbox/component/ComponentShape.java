package org.wasmbroker.sandbox.component;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.FunctionType;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.sandbox.binary.ModuleShape;
import org.wasmbroker.sandbox.binary.ModuleShape.Kind;
import org.wasmbroker.step.Document;

/**
 * A component taken apart: its core modules, in which order they are instantiated and with what,
 * which functions of the host they get, and what the component exports.
 *
 * @param modules its core modules
 * @param imports every function that it imports, used or not, in the order of the file
 * @param instances the instances of its core modules, in the order in which they are made
 * @param lowerings the functions that its core modules get from the host
 * @param exports its exported functions, by name; those of an interface by {@code
 *     interface#function}
 * @param content what it carries beside its code; null for nothing
 */
record ComponentShape(
    List<CoreModule> modules,
    List<ImportedFunction> imports,
    List<CoreInstance> instances,
    List<Lowering> lowerings,
    Map<String, Lift> exports,
    @Nullable Document content) {

  /** A core module in the component. */
  record CoreModule(WasmBinary wasm, ModuleShape shape) {}

  /**
   * A function that the component imports.
   *
   * @param instance the interface, such as {@code wasi:io/streams@0.2.0}; empty for a function that
   *     is imported by itself
   */
  record ImportedFunction(String instance, String name, Signature signature) {
    @Override
    public String toString() {
      return instance.isEmpty() ? name : instance + "#" + name;
    }
  }

  /**
   * An instance of a core module.
   *
   * @param imports what it gets, in the order of the module's imports
   */
  record CoreInstance(int module, List<CoreItem> imports) {}

  /** Something that core instances get or export. */
  sealed interface CoreItem {
    Kind kind();
  }

  /**
   * An export of an earlier instance.
   *
   * @param type of a function; else null
   */
  record Exported(int instance, String name, Kind kind, @Nullable FunctionType type)
      implements CoreItem {}

  /** A function of the host, by its index in {@link ComponentShape#lowerings}. */
  record Lowered(int index, FunctionType type) implements CoreItem {
    @Override
    public Kind kind() {
      return Kind.FUNCTION;
    }
  }

  /** A function that core code gets from the host. */
  sealed interface Lowering {
    FunctionType type();
  }

  /**
   * An imported function.
   *
   * @param memory where its strings and lists are; null if it was not said
   * @param realloc what gives it memory for results; null if it was not said
   */
  record LoweredImport(
      ImportedFunction function, @Nullable Exported memory, @Nullable Exported realloc)
      implements Lowering {
    @Override
    public FunctionType type() {
      return function.signature().lowered();
    }
  }

  /** Gives a handle back. */
  record Drop(String resource) implements Lowering {
    static final FunctionType TYPE =
        new FunctionType(List.of(org.wasmbroker.sandbox.ValueType.I32), List.of());

    @Override
    public FunctionType type() {
      return TYPE;
    }
  }

  /** A core function as a function of the component. */
  record Lift(
      Exported core,
      Signature signature,
      @Nullable Exported memory,
      @Nullable Exported realloc,
      @Nullable Exported postReturn) {}
}
