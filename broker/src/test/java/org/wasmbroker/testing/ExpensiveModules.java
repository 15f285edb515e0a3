package org.wasmbroker.testing;

import java.util.Arrays;
import org.wasmbroker.sandbox.WasmBinary;

/** Small valid modules whose compilation takes long or needs much memory. */
public final class ExpensiveModules {
  private static final int LOOP = 0x03;
  private static final int BLOCK = 0x02;
  private static final int EMPTY = 0x40;
  private static final int BR_TABLE = 0x0e;
  private static final int END = 0x0b;
  private static final int I32_CONST = 0x41;
  private static final int CALL = 0x10;

  private ExpensiveModules() {}

  /** Loops within loops: three bytes for each. The time grows with the square of the depth. */
  public static WasmBinary nestedLoops(int depth) {
    var body = new int[3 * depth];
    for (int i = 0; i < depth; i++) {
      body[2 * i] = LOOP;
      body[2 * i + 1] = EMPTY;
    }
    Arrays.fill(body, 2 * depth, 3 * depth, END);
    return reactor(body);
  }

  /** One function with many jump tables, each to every enclosing block. */
  public static WasmBinary jumpTables(int blocks, int tables) {
    var body = new int[3 * blocks + tables * (blocks + 8)];
    int at = 0;
    for (int i = 0; i < blocks; i++) {
      body[at++] = BLOCK;
      body[at++] = EMPTY;
    }
    for (int i = 0; i < tables; i++) {
      body[at++] = BLOCK;
      body[at++] = EMPTY;
      body[at++] = I32_CONST;
      body[at++] = 1;
      body[at++] = BR_TABLE;
      body[at++] = blocks;
      for (int target = 0; target <= blocks; target++) {
        body[at++] = target;
      }
      body[at++] = END;
    }
    Arrays.fill(body, at, body.length, END);
    return reactor(body);
  }

  /** One function with this many calls, one after another. */
  public static WasmBinary giantFunction(int calls) {
    var body = new int[2 * calls];
    for (int i = 0; i < calls; i++) {
      body[2 * i] = CALL;
    }
    return reactor(body);
  }

  private static WasmBinary reactor(int... body) {
    return new WasmModuleBuilder()
        .memory(1)
        .export("memory", WasmModuleBuilder.MEMORY, 0)
        .function("->", body)
        .export("run", WasmModuleBuilder.FUNCTION, 0)
        .toWasm();
  }

  /** Many functions with a few instructions each. */
  public static WasmBinary manyFunctions(int count) {
    var module = WasmModuleBuilder.reactor();
    for (int i = 0; i < count; i++) {
      module.raw(3, 1, 0).raw(10, 1, 8, 0, I32_CONST, 1, I32_CONST, 1, 0x6a, 0x1a, END);
    }
    return module.toWasm();
  }
}
