package org.wasmbroker.sandbox.binary;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.ModuleRefusedException;
import org.wasmbroker.sandbox.ModuleRefusedException.Reason;
import org.wasmbroker.sandbox.ValueType;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.sandbox.binary.ModuleShape.Section;

/**
 * A module with its mutable globals exported, so that the state of an instance can be read and put
 * into another one: memory and these globals are all of it. Modules that can change anything else,
 * such as a table, are refused. None of the module's own indices change.
 *
 * @param wasm the module with the additional exports
 * @param globals the mutable globals, in their order
 */
public record StateExports(WasmBinary wasm, List<Global> globals) {
  private static final String PREFIX = "wasm_broker:global:";
  private static final int GLOBAL_KIND = 3;
  private static final int END = 0x0b;
  private static final int TABLE_SET = 0x26;
  private static final int BULK_PREFIX = 0xfc;

  /**
   * More than any compiler emits: each is read after a preparation, and written before each run if
   * it was changed.
   */
  private static final int MAX_MUTABLE_GLOBALS = 1_000;

  public StateExports {
    globals = List.copyOf(globals);
  }

  /**
   * A mutable global of a numeric type.
   *
   * @param export the name of its export
   */
  public record Global(String export, ValueType type) {}

  /**
   * Exports the mutable globals.
   *
   * @param shape the shape of this binary, which imports nothing but functions
   * @throws ModuleRefusedException if the module has state that cannot be put back; the message
   *     names it
   */
  public static StateExports of(WasmBinary wasm, ModuleShape shape) {
    if (shape.start().isPresent()) {
      throw refusal(
          "has a start function; what it does at instantiation has to be in '_initialize'");
    }
    requireOnlyKnownState(wasm, shape);
    var types = mutableGlobals(wasm, shape);
    var globals = new ArrayList<Global>();
    var names = new HashSet<String>();
    shape.exports().forEach(export -> names.add(export.name()));
    var exports = new WasmWriter();
    for (int index = 0; index < types.size(); index++) {
      var type = types.get(index);
      if (type == null) {
        continue;
      }
      if (type == ValueType.FUNCREF || type == ValueType.EXTERNREF) {
        throw refusal("has a mutable global of type " + type);
      }
      if (globals.size() == MAX_MUTABLE_GLOBALS) {
        throw refusal("has more than %d mutable globals".formatted(MAX_MUTABLE_GLOBALS));
      }
      var name = PREFIX + index;
      while (names.contains(name)) {
        name += "'";
      }
      globals.add(new Global(name, type));
      exports.name(name).u8(GLOBAL_KIND).u32(index);
    }
    if (globals.isEmpty()) {
      return new StateExports(wasm, globals);
    }
    var editor = new ModuleEditor(wasm, shape);
    editor.append(Section.EXPORT, globals.size(), exports);
    return new StateExports(editor.toBinary(), globals);
  }

  private static void requireOnlyKnownState(WasmBinary wasm, ModuleShape shape) {
    boolean hasCode = shape.sections().stream().anyMatch(section -> section.id() == Section.CODE);
    var known =
        CodeRewrite.of(
            wasm,
            shape,
            (opcode, immediates) -> {
              var change = changeOfOtherState(opcode, immediates);
              if (change != null) {
                throw refusal("uses " + change);
              }
              return -1;
            });
    if (hasCode && known == null) {
      throw refusal("has instructions of which it is not known what they change");
    }
  }

  /** The name of an instruction that changes a table or drops a segment; null for any other. */
  private static @Nullable String changeOfOtherState(int opcode, WasmReader immediates) {
    if (opcode == TABLE_SET) {
      return "table.set";
    }
    if (opcode != BULK_PREFIX) {
      return null;
    }
    return switch ((int) immediates.u32("an opcode")) {
      case 9 -> "data.drop";
      case 12 -> "table.init";
      case 13 -> "elem.drop";
      case 14 -> "table.copy";
      case 15 -> "table.grow";
      case 17 -> "table.fill";
      default -> null;
    };
  }

  /** The types of all globals by their index, null for one that cannot change. */
  private static List<@Nullable ValueType> mutableGlobals(WasmBinary wasm, ModuleShape shape) {
    var types = new ArrayList<@Nullable ValueType>();
    for (var section : shape.sections()) {
      if (section.id() == Section.GLOBAL) {
        var in = new WasmReader(wasm.bytes(), section.start(), section.end());
        long count = in.u32("the number of globals");
        for (long global = 0; global < count; global++) {
          int code = in.u8("the type of a global");
          var type = ValueType.ofCode(code);
          if (type == null) {
            throw in.invalid("0x%02x is not a supported type of a global".formatted(code));
          }
          types.add(in.intUpTo(1, "whether a global is mutable") == 1 ? type : null);
          skipInitialValue(in);
        }
      }
    }
    return types;
  }

  private static void skipInitialValue(WasmReader in) {
    while (true) {
      int opcode = in.u8("an instruction of a global's initial value");
      if (opcode == END) {
        return;
      }
      if (!Instructions.skipImmediates(opcode, in)) {
        throw in.invalid(
            "0x%02x is not known as an instruction of a global's initial value".formatted(opcode));
      }
    }
  }

  private static ModuleRefusedException refusal(String what) {
    return new ModuleRefusedException(
        Reason.INVALID,
        "the module exports 'prepare', but what it leaves could not be put back: it " + what);
  }
}
