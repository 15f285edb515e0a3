package org.wasmbroker.sandbox.binary;

/**
 * Skips the instructions of WebAssembly 2.0 (with tail calls and relaxed SIMD) without interpreting
 * them: only the length of each is known. The opcodes are from the specification's index of
 * instructions.
 */
final class Instructions {
  private static final int MULTI_MEMORY_FLAG = 0x40;

  private Instructions() {}

  /**
   * Skips the immediates that follow an opcode.
   *
   * @return false if the opcode is unknown, so that nothing is known about what follows
   * @throws ModuleRefusedException if the immediates are malformed
   */
  static boolean skipImmediates(int opcode, WasmReader in) {
    switch (opcode) {
      case 0x00, 0x01, 0x05, 0x0b, 0x0f, 0x1a, 0x1b, 0xd1 -> {}
      case 0x02, 0x03, 0x04, 0xd0 -> in.skipSigned(5, "a type");
      case 0x0c, 0x0d, 0x10, 0x12, 0xd2 -> in.u32("an index");
      case 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26 -> in.u32("an index");
      case 0x0e -> skipLabels(in);
      case 0x11, 0x13 -> {
        in.u32("a type's index");
        in.u32("a table's index");
      }
      case 0x1c -> {
        long types = in.u32("the number of types");
        in.skip(types, "the types of select");
      }
      case 0x3f, 0x40 -> {
        return in.u32("a memory's index") == 0;
      }
      case 0x41 -> in.skipSigned(5, "an i32");
      case 0x42 -> in.skipSigned(10, "an i64");
      case 0x43 -> in.skip(4, "an f32");
      case 0x44 -> in.skip(8, "an f64");
      case 0xfc -> {
        return skipMiscellaneous(in);
      }
      case 0xfd -> {
        return skipVector(in);
      }
      default -> {
        if (opcode >= 0x28 && opcode <= 0x3e) {
          return skipMemoryArgument(in);
        }
        return opcode >= 0x45 && opcode <= 0xc4;
      }
    }
    return true;
  }

  private static void skipLabels(WasmReader in) {
    long labels = in.u32("the number of labels");
    for (long label = 0; label <= labels; label++) {
      in.u32("a label");
    }
  }

  private static boolean skipMemoryArgument(WasmReader in) {
    long align = in.u32("an alignment");
    in.u32("an offset");
    return (align & MULTI_MEMORY_FLAG) == 0;
  }

  /** Saturating conversions, and bulk operations on memories and tables. */
  private static boolean skipMiscellaneous(WasmReader in) {
    int opcode = (int) in.u32("an opcode");
    switch (opcode) {
      case 0, 1, 2, 3, 4, 5, 6, 7 -> {}
      case 9, 11, 13, 15, 16, 17 -> in.u32("an index");
      case 8, 10, 12, 14 -> {
        in.u32("an index");
        in.u32("an index");
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  private static boolean skipVector(WasmReader in) {
    int opcode = (int) in.u32("an opcode");
    if (opcode <= 11 || opcode == 92 || opcode == 93) {
      return skipMemoryArgument(in);
    }
    if (opcode == 12 || opcode == 13) {
      in.skip(16, "16 lanes");
    } else if (opcode >= 21 && opcode <= 34) {
      in.u8("a lane");
    } else if (opcode >= 84 && opcode <= 91) {
      boolean known = skipMemoryArgument(in);
      in.u8("a lane");
      return known;
    }
    return opcode <= 0x113;
  }
}
