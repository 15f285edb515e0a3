package org.wasmbroker.sandbox.binary;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.wasmbroker.sandbox.FunctionType;
import org.wasmbroker.sandbox.ValueType;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.step.WireName;

/**
 * What a module declares: its sections without their instructions, which the engine validates.
 *
 * @param functions the types of the functions that the module defines; in the index space they
 *     follow the imported ones
 * @param tables the tables that the module defines, sizes in elements
 * @param memories the memories that the module defines, sizes in pages
 * @param globals the number of globals that the module defines
 * @param start the index of the function that runs at instantiation
 * @param sections in the order of the file
 */
public record ModuleShape(
    List<Import> imports,
    List<FunctionType> functions,
    List<Table> tables,
    List<Size> memories,
    int globals,
    List<Export> exports,
    OptionalInt start,
    List<Section> sections) {

  /** The size of a memory page. */
  public static final long PAGE_BYTES = 64 << 10;

  public ModuleShape {
    imports = List.copyOf(imports);
    functions = List.copyOf(functions);
    tables = List.copyOf(tables);
    memories = List.copyOf(memories);
    exports = List.copyOf(exports);
    sections = List.copyOf(sections);
  }

  /**
   * Parses the sections.
   *
   * @throws ModuleRefusedException if the bytes are not a WebAssembly module, or a malformed one,
   *     or one that uses features that no engine supports
   */
  public static ModuleShape of(WasmBinary wasm) {
    return ModuleParser.parse(wasm.bytes());
  }

  /** The export of that name. */
  public Optional<Export> export(String name) {
    return exports.stream().filter(export -> export.name().equals(name)).findFirst();
  }

  /** The type of the function at an index, which the parser has checked to be in range. */
  public FunctionType functionType(int index) {
    return functionType(imports, functions, index);
  }

  static FunctionType functionType(List<Import> imports, List<FunctionType> functions, int index) {
    int defined = index;
    for (var one : imports) {
      if (one instanceof ImportedFunction function) {
        if (defined == 0) {
          return function.type();
        }
        defined--;
      }
    }
    return functions.get(defined);
  }

  /** An unused export name, the preferred one if possible. */
  String unusedExportName(String preferred) {
    var name = preferred;
    while (export(name).isPresent()) {
      name += "'";
    }
    return name;
  }

  /** Something that the module imports. */
  public sealed interface Import {
    String module();

    String name();
  }

  /** An import of a function. */
  public record ImportedFunction(String module, String name, FunctionType type) implements Import {}

  /** An import of a table, a memory or a global. */
  public record NonFunctionImport(String module, String name, Kind kind) implements Import {}

  /** Something that the module exports. */
  public record Export(String name, Kind kind, int index) {}

  /** What can be imported and exported. */
  public enum Kind {
    FUNCTION,
    TABLE,
    MEMORY,
    GLOBAL;

    @Override
    public String toString() {
      return WireName.of(this);
    }
  }

  /** A table of references. */
  public record Table(ValueType type, Size size) {}

  /**
   * The size of a memory or table.
   *
   * @param max the declared maximum, or {@link #UNBOUNDED}
   */
  public record Size(long min, long max) {
    public static final long UNBOUNDED = -1;

    /** The same size with its maximum capped at the limit. */
    public Size clamped(long limit) {
      return new Size(min, max == UNBOUNDED ? limit : Math.min(max, limit));
    }
  }

  /**
   * One section of the file: its header starts at {@code header}, its content is {@code
   * start}..{@code end}.
   */
  public record Section(int id, int header, int start, int end) {
    static final int CUSTOM = 0;
    static final int TYPE = 1;
    static final int IMPORT = 2;
    static final int FUNCTION = 3;
    static final int TABLE = 4;
    static final int MEMORY = 5;
    static final int GLOBAL = 6;
    static final int EXPORT = 7;
    static final int START = 8;
    static final int ELEMENT = 9;
    static final int CODE = 10;
    static final int DATA = 11;
    static final int DATA_COUNT = 12;
  }
}
