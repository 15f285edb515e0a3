package org.wasmbroker.sandbox.binary;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.binary.ModuleShape.Size;
import org.wasmbroker.testing.PrebuiltHandlers;
import org.wasmbroker.testing.WasmModuleBuilder;

class MemoryClampTest {
  private static final Limits FOUR_PAGES =
      Limits.DEFAULTS
          .withMemoryBytes(4 * ModuleShape.PAGE_BYTES + 100)
          .with(LimitKind.TABLE_ELEMENTS, 10);

  @Test
  void anUnboundedMemoryIsBoundedByTheWholePagesOfTheLimit() {
    assertThat(clamped(new WasmModuleBuilder().memory(1)).memories())
        .containsExactly(new Size(1, 4));
  }

  @Test
  void aLargerMaximumIsLowered() {
    assertThat(clamped(new WasmModuleBuilder().memory(2, 65_536)).memories())
        .containsExactly(new Size(2, 4));
  }

  @Test
  void aSmallerMaximumIsKept() {
    assertThat(clamped(new WasmModuleBuilder().memory(2, 3)).memories())
        .containsExactly(new Size(2, 3));
  }

  @Test
  void aTableIsBoundedToo() {
    assertThat(clamped(new WasmModuleBuilder().table(3)).tables().getFirst().size())
        .isEqualTo(new Size(3, 10));
    assertThat(clamped(new WasmModuleBuilder().table(3, 5)).tables().getFirst().size())
        .isEqualTo(new Size(3, 5));
  }

  @Test
  void everythingElseIsUnchanged() {
    var module = PrebuiltHandlers.module("wasi-command");
    var shape = ModuleShape.of(module);

    var clamped = ModuleShape.of(MemoryClamp.clamp(module, shape, Limits.DEFAULTS));

    assertThat(clamped.imports()).isEqualTo(shape.imports());
    assertThat(clamped.functions()).isEqualTo(shape.functions());
    assertThat(clamped.exports()).isEqualTo(shape.exports());
    assertThat(clamped.sections()).hasSameSizeAs(shape.sections());
    assertThat(clamped.memories().getFirst().max()).isEqualTo(512);
  }

  private static ModuleShape clamped(WasmModuleBuilder module) {
    var wasm = module.toWasm();
    return ModuleShape.of(MemoryClamp.clamp(wasm, ModuleShape.of(wasm), FOUR_PAGES));
  }
}
