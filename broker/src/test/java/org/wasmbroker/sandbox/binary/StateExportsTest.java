package org.wasmbroker.sandbox.binary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.wasmbroker.sandbox.ModuleRefusedException;
import org.wasmbroker.sandbox.ValueType;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.sandbox.binary.ModuleShape.Export;
import org.wasmbroker.sandbox.binary.ModuleShape.Kind;
import org.wasmbroker.sandbox.binary.StateExports.Global;
import org.wasmbroker.sandbox.wasmtime.Wat;
import org.wasmbroker.testing.Guests;

class StateExportsTest {
  @Test
  void onlyMutableGlobalsAreExported() {
    var state =
        exports(
            """
            (module
              (global i32 (i32.const 1))
              (global (mut i64) (i64.const 0x0b0b0b0b0b0b))
              (global (mut v128) (v128.const i64x2 0x0b0b 0x0b0b))
              (global funcref (ref.null func))
              (global (mut f64) (f64.const 11)))
            """);

    assertThat(state.globals())
        .containsExactly(
            new Global("wasm_broker:global:1", ValueType.I64),
            new Global("wasm_broker:global:2", ValueType.V128),
            new Global("wasm_broker:global:4", ValueType.F64));
    assertThat(ModuleShape.of(state.wasm()).exports())
        .containsExactly(
            new Export("wasm_broker:global:1", Kind.GLOBAL, 1),
            new Export("wasm_broker:global:2", Kind.GLOBAL, 2),
            new Export("wasm_broker:global:4", Kind.GLOBAL, 4));
  }

  @Test
  void theModulesOwnExportsStayAsTheyAre() {
    var wasm = Guests.guest("prepared");
    var before = ModuleShape.of(wasm);

    var after = ModuleShape.of(StateExports.of(wasm, before).wasm());

    assertThat(after.exports().subList(0, before.exports().size())).isEqualTo(before.exports());
    assertThat(after.functions()).isEqualTo(before.functions());
    assertThat(after.globals()).isEqualTo(before.globals());
  }

  @Test
  void aModuleWithoutMutableGlobalsIsUnchanged() {
    var wasm = Wat.toWasm("(module (global i32 (i32.const 1)) (func))");
    assertThat(StateExports.of(wasm, ModuleShape.of(wasm)).wasm()).isSameAs(wasm);
  }

  @Test
  void anExportOfTheModuleThatHasTheNameKeepsIt() {
    var state =
        exports(
            """
            (module
              (global (mut i32) (i32.const 1))
              (func (export "wasm_broker:global:0"))
              (func (export "wasm_broker:global:0'")))
            """);

    assertThat(state.globals())
        .containsExactly(new Global("wasm_broker:global:0''", ValueType.I32));
  }

  @Test
  void moreGlobalsThanAnyCompilerEmitsAreRefused() {
    var one = "(global (mut i32) (i32.const 0))";
    assertThat(exports("(module " + one.repeat(1000) + ")").globals()).hasSize(1000);
    assertThatThrownBy(() -> exports("(module " + one.repeat(1001) + ")"))
        .isInstanceOf(ModuleRefusedException.class)
        .hasMessageContaining("more than 1000 mutable globals");
  }

  @Test
  void instructionsThatAreUnknownAreRefused() {
    assertThatThrownBy(
            () -> exports("(module (memory 1) (func (drop (i32.atomic.load (i32.const 0)))))"))
        .isInstanceOf(ModuleRefusedException.class)
        .hasMessageContaining("it is not known what they change");
  }

  private static StateExports exports(String text) {
    WasmBinary wasm = Wat.toWasm(text);
    return StateExports.of(wasm, ModuleShape.of(wasm));
  }
}
