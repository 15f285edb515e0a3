package org.wasmbroker.sandbox.component;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.wasmbroker.sandbox.ModuleRefusedException;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.sandbox.binary.WasmReader;

/**
 * The names of what a component imports and exports: interfaces such as {@code wasi:cli/run@0.2.0},
 * and functions that are in none. They are part of what a release is in a registry, so that they
 * follow from the bytes alone, whatever this broker supports of components.
 *
 * @param imports in the order of the file
 * @param exports in the order of the file
 */
public record ComponentNames(List<String> imports, List<String> exports) {
  private static final ComponentNames NONE = new ComponentNames(List.of(), List.of());

  private static final int IMPORTS = 10;
  private static final int EXPORTS = 11;

  private static final int FUNCTION = 1;
  private static final int VALUE = 2;
  private static final int TYPE = 3;
  private static final int INSTANCE = 5;

  /** Beyond what compilers emit; a component with more has no names here. */
  private static final int MAX_NAMES = 1000;

  private static final int MAX_CHARACTERS = 200;

  private static final int MAX_SECTIONS = 10_000;

  public ComponentNames {
    imports = List.copyOf(imports);
    exports = List.copyOf(exports);
  }

  /**
   * @return empty for a core module, or what is no WebAssembly; without any names for a component
   *     whose imports and exports cannot be read, which no broker runs
   */
  public static Optional<ComponentNames> of(WasmBinary wasm) {
    if (!ComponentBinary.isComponent(wasm)) {
      return Optional.empty();
    }
    try {
      return Optional.of(read(wasm.bytes()));
    } catch (ModuleRefusedException malformed) {
      return Optional.of(NONE);
    }
  }

  private static ComponentNames read(byte[] bytes) {
    var imports = new ArrayList<String>();
    var exports = new ArrayList<String>();
    var file = new WasmReader(bytes, ComponentParser.HEADER_BYTES, bytes.length);
    for (int sections = 0; file.hasMore(); sections++) {
      if (sections == MAX_SECTIONS) {
        throw file.invalid("there are too many sections");
      }
      int id = file.u8("the id of a section");
      long length = file.u32("the length of section " + id);
      int start = file.offset();
      file.skip(length, "section " + id);
      var section = new WasmReader(bytes, start, file.offset());
      if (id == IMPORTS) {
        names(section, imports, false);
      } else if (id == EXPORTS) {
        names(section, exports, true);
      }
    }
    return new ComponentNames(imports, exports);
  }

  private static void names(WasmReader in, List<String> names, boolean exported) {
    int count = in.intUpTo(MAX_NAMES, "the number of names");
    for (int i = 0; i < count; i++) {
      var name = ComponentParser.externName(in);
      int sort = exported ? export(in) : description(in);
      if (sort == FUNCTION || sort == INSTANCE) {
        names.add(name);
      }
      if (names.size() > MAX_NAMES || name.length() > MAX_CHARACTERS) {
        throw in.invalid("there are too many names, or too long ones");
      }
    }
  }

  private static int export(WasmReader in) {
    int sort = in.u8("the sort of an export");
    if (sort == 0) {
      in.u8("the core sort of an export");
    }
    in.u32("the index of an export");
    if (in.u8("whether an export has a type") == 1) {
      description(in);
    }
    return sort;
  }

  /** What an import or an export is said to be; only of what sort matters. */
  private static int description(WasmReader in) {
    int sort = in.u8("the sort of a description");
    boolean simple =
        switch (sort) {
          case 0 -> {
            in.u8("a core sort");
            yield false;
          }
          case VALUE, TYPE -> {
            // a bound: equal to the type of an index, or for a type also any resource
            int bound = in.u8("a bound");
            yield sort == TYPE && bound == 1;
          }
          default -> false;
        };
    if (!simple) {
      in.u32("an index");
    }
    return sort;
  }
}
