package org.wasmbroker.sandbox.binary;

import java.util.List;
import org.wasmbroker.sandbox.ModuleRefusedException;
import org.wasmbroker.sandbox.ModuleRefusedException.Reason;
import org.wasmbroker.sandbox.ValueType;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.sandbox.binary.ModuleShape.Section;

/**
 * Prevents some vector instructions from taking an operand directly from memory: each becomes a
 * call to an added function that does nothing else and whose operands are in registers. For engines
 * whose compiler would otherwise abort the process, as that of Wasmtime 7 does on processors with
 * AVX-512.
 */
public final class VectorOutliner {
  private static final int VECTOR_PREFIX = 0xfd;
  private static final int FUNCTION_FORM = 0x60;
  private static final int V128 = ValueType.V128.code();

  /** An instruction after the vector prefix, and its number of operands. */
  private record Instruction(int opcode, int operands) {}

  private static final List<Instruction> INSTRUCTIONS =
      List.of(
          new Instruction(0x62, 1), // i8x16.popcnt
          new Instruction(0xc0, 1), // i64x2.abs
          new Instruction(0xd5, 2), // i64x2.mul
          new Instruction(0xfb, 1)); // f32x4.convert_i32x4_u

  private VectorOutliner() {}

  /**
   * The module with these instructions replaced by calls; unchanged if it has none.
   *
   * @param shape the shape of this binary
   * @throws ModuleRefusedException if the module has unknown instructions
   */
  public static WasmBinary outline(WasmBinary wasm, ModuleShape shape) {
    int firstAdded = shape.imports().size() + shape.functions().size();
    var code =
        CodeRewrite.of(
            wasm, shape, (opcode, immediates) -> outlinedFunction(opcode, immediates, firstAdded));
    if (code == null) {
      if (shape.functions().isEmpty()) {
        return wasm;
      }
      throw new ModuleRefusedException(
          Reason.INVALID, "the module has instructions that this engine does not support");
    }
    if (code.replacedCount() == 0) {
      return wasm;
    }
    var editor = new ModuleEditor(wasm, shape);
    editor.replace(Section.CODE, code.content());
    for (var instruction : INSTRUCTIONS) {
      int type = editor.append(Section.TYPE, type(instruction));
      editor.append(Section.FUNCTION, new WasmWriter().u32(type));
      editor.append(Section.CODE, new WasmWriter().sized(body(instruction)));
    }
    return editor.toBinary();
  }

  private static int outlinedFunction(int opcode, WasmReader immediates, int firstAdded) {
    if (opcode == VECTOR_PREFIX) {
      long vector = immediates.u32("an opcode");
      for (int i = 0; i < INSTRUCTIONS.size(); i++) {
        if (INSTRUCTIONS.get(i).opcode == vector) {
          return firstAdded + i;
        }
      }
    }
    return -1;
  }

  private static WasmWriter type(Instruction instruction) {
    var type = new WasmWriter().u8(FUNCTION_FORM).u32(instruction.operands);
    for (int i = 0; i < instruction.operands; i++) {
      type.u8(V128);
    }
    return type.u8(1).u8(V128);
  }

  private static WasmWriter body(Instruction instruction) {
    var body = new WasmWriter().u8(0); // no locals
    for (int i = 0; i < instruction.operands; i++) {
      body.u8(0x20).u32(i);
    }
    return body.u8(VECTOR_PREFIX).u32(instruction.opcode).u8(0x0b);
  }
}
