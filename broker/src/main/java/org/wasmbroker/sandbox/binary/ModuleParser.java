package org.wasmbroker.sandbox.binary;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.wasmbroker.sandbox.FunctionType;
import org.wasmbroker.sandbox.ModuleRefusedException;
import org.wasmbroker.sandbox.ModuleRefusedException.Reason;
import org.wasmbroker.sandbox.ValueType;
import org.wasmbroker.sandbox.binary.ModuleShape.Export;
import org.wasmbroker.sandbox.binary.ModuleShape.Import;
import org.wasmbroker.sandbox.binary.ModuleShape.ImportedFunction;
import org.wasmbroker.sandbox.binary.ModuleShape.Kind;
import org.wasmbroker.sandbox.binary.ModuleShape.NonFunctionImport;
import org.wasmbroker.sandbox.binary.ModuleShape.Section;
import org.wasmbroker.sandbox.binary.ModuleShape.Size;
import org.wasmbroker.sandbox.binary.ModuleShape.Table;
import org.wasmbroker.step.SafeText;

/**
 * Parses the sections of an untrusted module: no length is used before it is checked, and nothing
 * is allocated based on a length alone.
 */
final class ModuleParser {
  // Far above what compilers emit; they bound what a hostile module can make us allocate.
  private static final int MAX_SECTIONS = 1_000;
  private static final int MAX_TYPES = 100_000;
  private static final int MAX_IMPORTS = 10_000;
  private static final int MAX_FUNCTIONS = 1_000_000;
  private static final int MAX_TABLES_OR_MEMORIES = 100;
  private static final int MAX_GLOBALS = 100_000;
  private static final int MAX_EXPORTS = 100_000;
  private static final int MAX_PARAMS_OR_RESULTS = 1_000;
  private static final long MAX_MEMORY_PAGES = 65_536;
  private static final long MAX_TABLE_ELEMENTS = 10_000_000;
  // The order in which sections must appear, except custom ones.
  static final List<Integer> SECTION_ORDER =
      List.of(
          Section.TYPE,
          Section.IMPORT,
          Section.FUNCTION,
          Section.TABLE,
          Section.MEMORY,
          Section.GLOBAL,
          Section.EXPORT,
          Section.START,
          Section.ELEMENT,
          Section.DATA_COUNT,
          Section.CODE,
          Section.DATA);

  private final byte[] bytes;
  private final List<FunctionType> types = new ArrayList<>();
  private final List<Import> imports = new ArrayList<>();
  private final List<FunctionType> functions = new ArrayList<>();
  private final List<Table> tables = new ArrayList<>();
  private final List<Size> memories = new ArrayList<>();
  private final List<Export> exports = new ArrayList<>();
  private final List<Section> sections = new ArrayList<>();
  private final Map<Kind, Integer> importedCounts = new EnumMap<>(Kind.class);
  private int lastPosition = -1;
  private OptionalInt start = OptionalInt.empty();
  private int globalCount;
  private int bodyCount;

  private ModuleParser(byte[] bytes) {
    this.bytes = bytes;
  }

  static ModuleShape parse(byte[] bytes) {
    var mismatch = ModuleHeader.mismatch(bytes);
    if (mismatch != null) {
      throw new ModuleRefusedException(Reason.NOT_WEBASSEMBLY, mismatch);
    }
    return new ModuleParser(bytes).parse();
  }

  private ModuleShape parse() {
    var file = new WasmReader(bytes, ModuleHeader.BYTES, bytes.length);
    while (file.hasMore()) {
      if (sections.size() == MAX_SECTIONS) {
        throw file.invalid("the module has more than %d sections".formatted(MAX_SECTIONS));
      }
      var section = section(file);
      sections.add(section);
      content(section);
    }
    if (bodyCount != functions.size()) {
      throw file.invalid(
          "%d functions are declared, %d have a body".formatted(functions.size(), bodyCount));
    }
    return new ModuleShape(
        imports, functions, tables, memories, globalCount, exports, start, sections);
  }

  private Section section(WasmReader file) {
    int header = file.offset();
    int id = file.u8("the id of a section");
    if (id != Section.CUSTOM) {
      int position = SECTION_ORDER.indexOf(id);
      if (position < 0) {
        throw file.invalid("section %d is unknown in this version".formatted(id));
      }
      if (position <= lastPosition) {
        throw file.invalid("section %d is out of order or repeated".formatted(id));
      }
      lastPosition = position;
    }
    long length = file.u32("the length of section " + id);
    int start = file.offset();
    file.skip(length, "section " + id);
    return new Section(id, header, start, file.offset());
  }

  private void content(Section section) {
    var in = new WasmReader(bytes, section.start(), section.end());
    switch (section.id()) {
      case Section.CUSTOM -> {
        in.name("the name of a custom section");
        return;
      }
      case Section.TYPE -> repeat(in, MAX_TYPES, "types", () -> types.add(functionType(in)));
      case Section.IMPORT -> repeat(in, MAX_IMPORTS, "imports", () -> imports.add(importEntry(in)));
      case Section.FUNCTION ->
          repeat(in, MAX_FUNCTIONS, "functions", () -> functions.add(typeByIndex(in)));
      case Section.TABLE ->
          repeat(in, MAX_TABLES_OR_MEMORIES, "tables", () -> tables.add(table(in)));
      case Section.MEMORY ->
          repeat(in, MAX_TABLES_OR_MEMORIES, "memories", () -> memories.add(memory(in)));
      case Section.EXPORT -> exports(in);
      case Section.START -> start(in);
      case Section.CODE -> {
        bodyCount = in.intUpTo(MAX_FUNCTIONS, "the number of function bodies");
        for (int body = 0; body < bodyCount; body++) {
          in.skip(in.u32("the length of a function body"), "a function body");
        }
      }
      case Section.GLOBAL -> {
        // The initial values are instructions, which the engine validates.
        globalCount = in.intUpTo(MAX_GLOBALS, "the number of globals");
        return;
      }
      default -> {
        // Elements and data are left to the engine.
        return;
      }
    }
    if (in.hasMore()) {
      throw in.invalid("section %d has trailing bytes".formatted(section.id()));
    }
  }

  private static void repeat(WasmReader in, int max, String what, Runnable readEntry) {
    int count = in.intUpTo(max, "the number of " + what);
    for (int entry = 0; entry < count; entry++) {
      readEntry.run();
    }
  }

  private static FunctionType functionType(WasmReader in) {
    int form = in.u8("the form of a type");
    if (form != 0x60) {
      throw in.invalid("a type has the form 0x%02x, only functions are supported".formatted(form));
    }
    return new FunctionType(valueTypes(in, "parameters"), valueTypes(in, "results"));
  }

  private static List<ValueType> valueTypes(WasmReader in, String what) {
    int count = in.intUpTo(MAX_PARAMS_OR_RESULTS, "the number of " + what);
    var types = new ArrayList<ValueType>();
    for (int i = 0; i < count; i++) {
      types.add(valueType(in));
    }
    return types;
  }

  private static ValueType valueType(WasmReader in) {
    int code = in.u8("a value type");
    var type = ValueType.ofCode(code);
    if (type == null) {
      throw in.invalid("0x%02x is not a supported value type".formatted(code));
    }
    if (type == ValueType.EXTERNREF) {
      // libwasmtime supports them only with its garbage collector, which is disabled.
      throw in.invalid("externref is not supported; the host has nothing to refer to");
    }
    return type;
  }

  private FunctionType typeByIndex(WasmReader in) {
    return types.get(in.index(types.size(), "the index of a type"));
  }

  private Import importEntry(WasmReader in) {
    var module = in.name("the module of an import");
    var name = in.name("the name of an import");
    var kind = kind(in, "an import");
    importedCounts.merge(kind, 1, Integer::sum);
    return switch (kind) {
      case FUNCTION -> new ImportedFunction(module, name, typeByIndex(in));
      case TABLE -> {
        table(in);
        yield new NonFunctionImport(module, name, kind);
      }
      case MEMORY -> {
        memory(in);
        yield new NonFunctionImport(module, name, kind);
      }
      case GLOBAL -> {
        valueType(in);
        in.intUpTo(1, "whether a global is mutable");
        yield new NonFunctionImport(module, name, kind);
      }
    };
  }

  private static Kind kind(WasmReader in, String of) {
    int code = in.u8("the kind of " + of);
    return switch (code) {
      case 0 -> Kind.FUNCTION;
      case 1 -> Kind.TABLE;
      case 2 -> Kind.MEMORY;
      case 3 -> Kind.GLOBAL;
      default -> throw in.invalid("%s of kind %d is not supported".formatted(of, code));
    };
  }

  private static Table table(WasmReader in) {
    var type = valueType(in);
    if (type != ValueType.FUNCREF) {
      throw in.invalid("a table of " + type + " is not possible");
    }
    return new Table(type, size(in, "a table", MAX_TABLE_ELEMENTS, 0xffff_ffffL));
  }

  private static Size memory(WasmReader in) {
    return size(in, "a memory", MAX_MEMORY_PAGES, MAX_MEMORY_PAGES);
  }

  private static Size size(WasmReader in, String of, long maxMin, long maxMax) {
    int flags = in.u8("the flags of " + of);
    if (flags > 1) {
      throw in.invalid(
          "%s has the flags 0x%02x; it must use 32-bit addresses, be unshared and have standard pages"
              .formatted(of, flags));
    }
    long min = in.u32UpTo(maxMin, "the size of " + of);
    long max = flags == 1 ? in.u32UpTo(maxMax, "the maximum of " + of) : Size.UNBOUNDED;
    if (max != Size.UNBOUNDED && max < min) {
      throw in.invalid("%s of %d has a maximum of %d".formatted(of, min, max));
    }
    return new Size(min, max);
  }

  private void exports(WasmReader in) {
    var names = new HashSet<String>();
    repeat(
        in,
        MAX_EXPORTS,
        "exports",
        () -> {
          var name = in.name("the name of an export");
          if (!names.add(name)) {
            throw in.invalid(
                "the export '%s' is declared twice".formatted(SafeText.sanitize(name, 80)));
          }
          var kind = kind(in, "an export");
          int index = in.index(count(kind), "the index of an exported " + kind);
          exports.add(new Export(name, kind, index));
        });
  }

  private void start(WasmReader in) {
    int index = in.index(count(Kind.FUNCTION), "the index of the start function");
    var type = ModuleShape.functionType(imports, functions, index);
    if (!type.equals(FunctionType.VOID)) {
      throw in.invalid("the start function is %s, it must be () -> ()".formatted(type));
    }
    start = OptionalInt.of(index);
  }

  private int count(Kind kind) {
    int defined =
        switch (kind) {
          case FUNCTION -> functions.size();
          case TABLE -> tables.size();
          case MEMORY -> memories.size();
          case GLOBAL -> globalCount;
        };
    return importedCounts.getOrDefault(kind, 0) + defined;
  }
}
