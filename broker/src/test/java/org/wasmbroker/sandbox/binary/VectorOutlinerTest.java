package org.wasmbroker.sandbox.binary;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.Engine;
import org.wasmbroker.sandbox.EngineConfig;
import org.wasmbroker.sandbox.FunctionType;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.sandbox.InvocationResult.GuestFailed;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.sandbox.wasmtime.WasmtimeEngine;
import org.wasmbroker.sandbox.wasmtime.Wat;
import org.wasmbroker.sandbox.wasmtimejava.WasmtimeJavaEngine;
import org.wasmbroker.step.Document;
import org.wasmbroker.testing.Invocations;
import org.wasmbroker.testing.PrebuiltHandlers;

class VectorOutlinerTest {

  /** On a processor with AVX-512, the second engine's compiler would abort the process. */
  @ParameterizedTest
  @CsvSource({
    "i8x16.popcnt, 1, 3",
    "i64x2.abs, 1, 7",
    "f32x4.convert_i32x4_u, 1, 1088421888",
    "i64x2.mul, 2, 49"
  })
  void aVectorInstructionWithMemoryOperandsWorksOnEveryEngine(
      String instruction, int operands, int expected) {
    var operand = "(v128.load (i32.const 16)) ";
    var wasm =
        Wat.toWasm(
            """
            (module
              (memory (export "memory") 1)
              (data (i32.const 16) "\\07")
              (func (export "run") (result i32)
                (i32x4.extract_lane 0 (%s %s))))
            """
                .formatted(instruction, operand.repeat(operands)));

    assertThat(
            code(WasmtimeEngine.start(EngineConfig.of(1), Capabilities.STANDARD.functions()), wasm))
        .isEqualTo(expected);
    assertThat(
            code(
                WasmtimeJavaEngine.start(EngineConfig.of(1), Capabilities.STANDARD.functions()),
                wasm))
        .isEqualTo(expected);
  }

  @Test
  void eachInstructionBecomesACallToAnAppendedFunction() {
    var wasm = PrebuiltHandlers.module("transform");
    var shape = ModuleShape.of(wasm);

    var safe = ModuleShape.of(VectorOutliner.outline(wasm, shape));

    assertThat(safe.functions()).startsWith(shape.functions().toArray(FunctionType[]::new));
    assertThat(safe.functions()).hasSize(shape.functions().size() + 4);
    assertThat(safe.functions().getLast()).hasToString("(v128) -> v128");
    assertThat(safe.exports()).isEqualTo(shape.exports());
    assertThat(safe.imports()).isEqualTo(shape.imports());
  }

  @Test
  void aModuleWithoutThemIsUnchanged() {
    var wasm = PrebuiltHandlers.module("echo");

    assertThat(VectorOutliner.outline(wasm, ModuleShape.of(wasm))).isSameAs(wasm);
  }

  private static int code(Engine owned, WasmBinary wasm) {
    try (var engine = owned;
        var module = engine.compile(wasm, Limits.DEFAULTS)) {
      var result =
          module.run(
              Invocations.basic(
                  Document.EMPTY, Limits.DEFAULTS, new Cancellation(), GuestLog.NONE));
      return ((GuestFailed) result).code();
    }
  }
}
