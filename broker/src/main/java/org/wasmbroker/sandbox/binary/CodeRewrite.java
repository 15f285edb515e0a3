package org.wasmbroker.sandbox.binary;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.ValueType;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.sandbox.binary.ModuleShape.Section;

/**
 * A module's code with some instructions replaced by function calls.
 *
 * @param content the content of the code section
 * @param replacedCount the number of replaced instructions
 */
record CodeRewrite(WasmWriter content, int replacedCount) {
  private static final int CALL = 0x10;

  /** Decides which instructions are replaced. */
  @FunctionalInterface
  interface CallReplacement {
    /**
     * @param immediates what follows the opcode
     * @return the index of the function to call instead, or -1 to keep the instruction
     */
    int replacementFor(int opcode, WasmReader immediates);
  }

  /** The rewritten code; null if there is none or it has unknown instructions. */
  static @Nullable CodeRewrite of(WasmBinary wasm, ModuleShape shape, CallReplacement replacement) {
    var bytes = wasm.bytes();
    var section =
        shape.sections().stream()
            .filter(candidate -> candidate.id() == Section.CODE)
            .findFirst()
            .orElse(null);
    if (section == null) {
      return null;
    }
    var in = new WasmReader(bytes, section.start(), section.end());
    long bodies = in.u32("the number of function bodies");
    var code = new WasmWriter().u32(bodies);
    int replaced = 0;
    for (long body = 0; body < bodies; body++) {
      long length = in.u32("the length of a function body");
      int start = in.offset();
      in.skip(length, "a function body");
      var copy = new WasmWriter();
      int replacedInBody =
          copyBody(
              bytes, new WasmReader(bytes, start, in.offset()), in.offset(), replacement, copy);
      if (replacedInBody < 0) {
        return null;
      }
      replaced += replacedInBody;
      code.sized(copy);
    }
    return new CodeRewrite(code, replaced);
  }

  /** Copies a body; returns the number of replaced instructions, or -1 if it has unknown ones. */
  private static int copyBody(
      byte[] bytes, WasmReader in, int end, CallReplacement replacement, WasmWriter copy) {
    int copied = in.offset();
    int replaced = 0;
    long localGroups = in.u32("the number of local declarations");
    for (long group = 0; group < localGroups; group++) {
      in.u32("the number of locals");
      if (ValueType.ofCode(in.u8("the type of locals")) == null) {
        return -1;
      }
    }
    while (in.hasMore()) {
      int instruction = in.offset();
      int opcode = in.u8("an opcode");
      int immediates = in.offset();
      if (!Instructions.skipImmediates(opcode, in)) {
        return -1;
      }
      int function = replacement.replacementFor(opcode, new WasmReader(bytes, immediates, end));
      if (function >= 0) {
        copy.raw(bytes, copied, instruction).u8(CALL).u32(function);
        copied = in.offset();
        replaced++;
      }
    }
    copy.raw(bytes, copied, in.offset());
    return replaced;
  }
}
