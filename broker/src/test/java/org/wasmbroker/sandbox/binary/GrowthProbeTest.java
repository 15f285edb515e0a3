package org.wasmbroker.sandbox.binary;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.sandbox.FunctionType;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.sandbox.binary.ModuleShape.Kind;
import org.wasmbroker.sandbox.binary.ModuleShape.Size;
import org.wasmbroker.testing.PrebuiltHandlers;
import org.wasmbroker.testing.WasmModuleBuilder;

class GrowthProbeTest {
  private static final long PAGE = ModuleShape.PAGE_BYTES;

  @Test
  void growthBecomesACallToTheAddedFunction() {
    var wasm =
        new WasmModuleBuilder()
            .importFunction("env", "f", "->")
            .function("->i", 0x41, 1, 0x40, 0)
            .memory(1)
            .export("run", WasmModuleBuilder.FUNCTION, 1)
            .toWasm();

    var probe = probe(wasm);

    var shape = ModuleShape.of(probe.wasm());
    assertThat(shape.functions()).hasSize(3);
    assertThat(shape.functionType(2)).hasToString("(i32) -> i32");
    assertThat(shape.functionType(3)).hasToString("() -> i32");
    assertThat(shape.globals()).isEqualTo(1);
    assertThat(shape.export(GrowthProbe.EXPORT))
        .hasValueSatisfying(
            export -> {
              assertThat(export.kind()).isEqualTo(Kind.FUNCTION);
              assertThat(export.index()).isEqualTo(3);
            });
    assertThat(probe.wasm().bytes()).containsSequence(0x41, 1, 0x10, 2, 0x0b);
  }

  @ParameterizedTest
  @ValueSource(strings = {"echo", "wasi-command", "transform"})
  void realModulesKeepTheirOwnDeclarations(String handler) {
    var wasm = PrebuiltHandlers.module(handler);
    var shape = ModuleShape.of(wasm);

    var probed = ModuleShape.of(probe(wasm).wasm());

    assertThat(probed.imports()).isEqualTo(shape.imports());
    assertThat(probed.functions()).startsWith(shape.functions().toArray(FunctionType[]::new));
    assertThat(probed.exports()).startsWith(shape.exports().toArray(ModuleShape.Export[]::new));
    assertThat(probed.memories()).isEqualTo(shape.memories());
    assertThat(probed.globals()).isEqualTo(shape.globals() + 1);
  }

  @ParameterizedTest
  @ValueSource(strings = "noop")
  void aModuleThatNeverGrowsGetsNoProbe(String handler) {
    var wasm = PrebuiltHandlers.module(handler);
    assertThat(GrowthProbe.insertInto(wasm, ModuleShape.of(wasm))).isEmpty();
  }

  @Test
  void everyKindOfImmediateIsSkipped() {
    var wasm =
        growing(
            // Each contains the bytes 0x40 0x00 where they are not an instruction.
            new int[] {0x41, 0x40, 0x1a}, // i32.const -64, drop
            new int[] {0x42, 0xc0, 0x00, 0x1a}, // i64.const 64, drop
            new int[] {0x43, 0x40, 0, 0x40, 0, 0x1a}, // f32.const, drop
            new int[] {0x44, 0x40, 0, 0x40, 0, 0x40, 0, 0x40, 0, 0x1a}, // f64.const, drop
            new int[] {0x02, 0x40, 0x00, 0x0b}, // block of no type, unreachable
            new int[] {0x41, 0, 0x28, 0x00, 0x40, 0x1a}, // i32.load offset=64, drop
            new int[] {0x41, 0, 0x0e, 1, 0, 0}, // br_table
            new int[] {0xfd, 12, 0x40, 0, 0x40, 0, 0x40, 0, 0x40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x1a},
            new int[] {0xfc, 0x0a, 0, 0}, // memory.copy
            new int[] {0xfc, 0x0b, 0}, // memory.fill
            new int[] {0x1c, 1, 0x7f}, // select i32
            new int[] {0xd0, 0x70, 0x1a}, // ref.null func, drop
            new int[] {0xfd, 0x54, 0, 0x40, 0}, // v128.load8_lane offset=64, lane 0
            new int[] {0xfd, 0x15, 0x40}); // i8x16.extract_lane_s

    var probe = probe(wasm);

    // Only the one growth is replaced; the added function contains the only one left.
    assertThat(ModuleShape.of(probe.wasm()).functions()).hasSize(3);
    int shorter = probe.wasm().size() - wasm.size();
    assertThat(shorter).isPositive();
    assertThat(count(probe.wasm().bytes(), 0x41, 1, 0x40, 0)).isZero();
    assertThat(count(probe.wasm().bytes(), 0x41, 1, 0x10, 1)).isEqualTo(1);
  }

  @Test
  void anUnknownInstructionLeavesTheModuleUnchanged() {
    var wasm = growing(new int[] {0xfe, 0x03, 0x00}); // atomic.fence
    assertThat(GrowthProbe.insertInto(wasm, ModuleShape.of(wasm))).isEmpty();
  }

  @Test
  void aModuleWithAnExportOfThatNameGetsNoProbe() {
    var wasm =
        new WasmModuleBuilder()
            .function("->i", 0x41, 1, 0x40, 0)
            .memory(1)
            .export(GrowthProbe.EXPORT, WasmModuleBuilder.FUNCTION, 0)
            .toWasm();
    assertThat(GrowthProbe.insertInto(wasm, ModuleShape.of(wasm))).isEmpty();
  }

  @Test
  void theLimitIsBlamedOnlyForGrowthItAloneRefused() {
    var unbounded = new GrowthProbe(growing(), new Size(1, Size.UNBOUNDED));
    assertThat(unbounded.requestedBytes(0, 4 * PAGE, 4 * PAGE)).isZero();
    assertThat(unbounded.requestedBytes(3, 2 * PAGE, 4 * PAGE)).isEqualTo(5 * PAGE);
    assertThat(unbounded.requestedBytes(1, 2 * PAGE, 4 * PAGE)).isZero(); // no memory on the host
    assertThat(unbounded.requestedBytes(-1, 2 * PAGE, 4 * PAGE)).isZero(); // more than 4 GiB
    var bounded = new GrowthProbe(growing(), new Size(1, 4));
    assertThat(bounded.requestedBytes(3, 2 * PAGE, 4 * PAGE)).isZero();
  }

  /** A module with one function: the instructions, then a growth by one page. */
  private static WasmBinary growing(int[]... instructions) {
    var all = new java.io.ByteArrayOutputStream();
    for (var some : instructions) {
      for (int one : some) {
        all.write(one);
      }
    }
    for (int one : new int[] {0x41, 1, 0x40, 0}) {
      all.write(one);
    }
    byte[] bytes = all.toByteArray();
    var ints = new int[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      ints[i] = bytes[i];
    }
    return new WasmModuleBuilder().memory(1).function("->i", ints).toWasm();
  }

  private static GrowthProbe probe(WasmBinary wasm) {
    return GrowthProbe.insertInto(wasm, ModuleShape.of(wasm)).orElseThrow();
  }

  private static int count(byte[] bytes, int... sought) {
    int found = 0;
    for (int at = 0; at + sought.length <= bytes.length; at++) {
      boolean same = true;
      for (int i = 0; i < sought.length; i++) {
        same &= bytes[at + i] == (byte) sought[i];
      }
      found += same ? 1 : 0;
    }
    return found;
  }
}
