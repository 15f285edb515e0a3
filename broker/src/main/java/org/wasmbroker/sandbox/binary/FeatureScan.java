package org.wasmbroker.sandbox.binary;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import org.wasmbroker.sandbox.ModuleRefusedException;
import org.wasmbroker.sandbox.ValueType;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.sandbox.binary.ModuleShape.Section;

/**
 * Which features of WebAssembly a module uses, found without an engine and without judging them.
 *
 * @param complete false if the scan ended at an instruction that is unknown here, so that there may
 *     be more
 */
public record FeatureScan(Set<Feature> features, boolean complete) {
  private static final int FIRST_RELAXED = 0x100;

  public FeatureScan {
    features = Collections.unmodifiableSet(features);
  }

  /**
   * Scans a module.
   *
   * @param shape the shape of this binary
   */
  public static FeatureScan of(WasmBinary wasm, ModuleShape shape) {
    var features = EnumSet.noneOf(Feature.class);
    if (shape.functions().stream().anyMatch(type -> type.results().size() > 1)) {
      features.add(Feature.MULTI_VALUE);
    }
    if (shape.tables().size() > 1) {
      features.add(Feature.REFERENCE_TYPES);
    }
    if (shape.memories().size() > 1) {
      features.add(Feature.MULTIPLE_MEMORIES);
    }
    boolean complete = true;
    for (var section : shape.sections()) {
      if (section.id() == Section.DATA_COUNT) {
        features.add(Feature.BULK_MEMORY);
      }
      if (section.id() == Section.CODE) {
        complete =
            code(new WasmReader(wasm.bytes(), section.start(), section.end()), wasm, features);
      }
    }
    return new FeatureScan(features, complete);
  }

  private static boolean code(WasmReader in, WasmBinary wasm, Set<Feature> features) {
    boolean complete = true;
    try {
      long bodies = in.u32("the number of function bodies");
      for (long body = 0; body < bodies; body++) {
        long length = in.u32("the length of a function body");
        int start = in.offset();
        in.skip(length, "a function body");
        complete &= body(new WasmReader(wasm.bytes(), start, in.offset()), features);
      }
      return complete;
    } catch (ModuleRefusedException malformed) {
      return false; // the engine says what is wrong with it
    }
  }

  private static boolean body(WasmReader in, Set<Feature> features) {
    long groups = in.u32("the number of local declarations");
    for (long group = 0; group < groups; group++) {
      in.u32("the number of locals");
      var type = ValueType.ofCode(in.u8("the type of locals"));
      if (type == null) {
        return false;
      }
      if (type == ValueType.V128) {
        features.add(Feature.SIMD);
      }
    }
    while (in.hasMore()) {
      int opcode = in.u8("an opcode");
      note(opcode, in.peekU32(), features);
      if (!Instructions.skipImmediates(opcode, in)) {
        return false;
      }
    }
    return true;
  }

  /**
   * @param next the number after the opcode: the second part of an opcode, or a block's type; -1 if
   *     it is none
   */
  private static void note(int opcode, long next, Set<Feature> features) {
    switch (opcode) {
      case 0x02, 0x03, 0x04 -> {
        boolean isValueType = next >= 0x40 && next < 0x80;
        if (next >= 0 && !isValueType) { // the index of a type
          features.add(Feature.MULTI_VALUE);
        }
      }
      case 0x06, 0x07, 0x08, 0x09, 0x0a, 0x18, 0x19, 0x1f -> features.add(Feature.EXCEPTIONS);
      case 0x12, 0x13, 0x15 -> features.add(Feature.TAIL_CALLS);
      case 0x1c, 0x25, 0x26, 0xd0, 0xd1, 0xd2 -> features.add(Feature.REFERENCE_TYPES);
      case 0xc0, 0xc1, 0xc2, 0xc3, 0xc4 -> features.add(Feature.SIGN_EXTENSION);
      case 0xfb -> features.add(Feature.GARBAGE_COLLECTION);
      case 0xfc ->
          features.add(
              next < 8
                  ? Feature.NON_TRAPPING_FLOAT_TO_INT
                  : next < 15 ? Feature.BULK_MEMORY : Feature.REFERENCE_TYPES);
      case 0xfd -> features.add(next >= FIRST_RELAXED ? Feature.RELAXED_SIMD : Feature.SIMD);
      case 0xfe -> features.add(Feature.THREADS);
      default -> {
        // of the first version, or unknown
      }
    }
  }
}
