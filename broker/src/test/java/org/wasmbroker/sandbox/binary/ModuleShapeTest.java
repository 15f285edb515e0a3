package org.wasmbroker.sandbox.binary;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.sandbox.FunctionType;
import org.wasmbroker.sandbox.ModuleRefusedException;
import org.wasmbroker.sandbox.ModuleRefusedException.Reason;
import org.wasmbroker.sandbox.ValueType;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.sandbox.binary.ModuleShape.Export;
import org.wasmbroker.sandbox.binary.ModuleShape.ImportedFunction;
import org.wasmbroker.sandbox.binary.ModuleShape.Kind;
import org.wasmbroker.sandbox.binary.ModuleShape.NonFunctionImport;
import org.wasmbroker.sandbox.binary.ModuleShape.Size;
import org.wasmbroker.testing.PrebuiltHandlers;
import org.wasmbroker.testing.WasmModuleBuilder;

class ModuleShapeTest {
  @Test
  void everyDeclarationIsRead() {
    var shape =
        ModuleShape.of(
            new WasmModuleBuilder()
                .importFunction("env", "f", "iI->f")
                .importEntry("env", "m", WasmModuleBuilder.MEMORY, 1, 1, 2)
                .function("->i", 0x41, 7)
                .table(3, 5)
                .memory(2)
                .global()
                .export("run", WasmModuleBuilder.FUNCTION, 1)
                .export("t", WasmModuleBuilder.TABLE, 0)
                .toWasm());

    assertThat(shape.imports())
        .containsExactly(
            new ImportedFunction(
                "env",
                "f",
                new FunctionType(List.of(ValueType.I32, ValueType.I64), List.of(ValueType.F32))),
            new NonFunctionImport("env", "m", Kind.MEMORY));
    assertThat(shape.functions()).containsExactly(FunctionType.EXIT_CODE);
    assertThat(shape.tables())
        .containsExactly(new ModuleShape.Table(ValueType.FUNCREF, new Size(3, 5)));
    assertThat(shape.memories()).containsExactly(new Size(2, Size.UNBOUNDED));
    assertThat(shape.globals()).isEqualTo(1);
    assertThat(shape.exports())
        .containsExactly(new Export("run", Kind.FUNCTION, 1), new Export("t", Kind.TABLE, 0));
    assertThat(shape.functionType(0)).hasToString("(i32, i64) -> f32");
    assertThat(shape.functionType(1)).hasToString("() -> i32");
  }

  @Test
  void theShapesOfRealHandlersAreRead() {
    assertThat(ModuleShape.of(PrebuiltHandlers.module("echo")).export("run")).isPresent();
    var command = ModuleShape.of(PrebuiltHandlers.module("wasi-command"));
    assertThat(command.export("_start")).isPresent();
    assertThat(command.functions()).hasSizeGreaterThan(50);
  }

  @Test
  void anEmptyFileIsReportedAsEmpty() {
    assertThat(refusal(new byte[0]).getMessage()).isEqualTo("the module is empty");
  }

  @ParameterizedTest
  @ValueSource(strings = {"(module)", " \n(component)", ";; a comment\n(module)"})
  void textIsSaidToBeText(String text) {
    assertThat(refusal(text.getBytes(UTF_8)).getMessage()).contains("text; compile it first");
  }

  @Test
  void aComponentIsReportedAsOne() {
    assertThat(refusal(bytes(0, 'a', 's', 'm', 0x0d, 0, 1, 0)).getMessage())
        .contains("component")
        .contains("wasm32-wasip1");
  }

  @Test
  void anElfFileIsReportedAsOne() {
    assertThat(refusal(bytes(0x7f, 'E', 'L', 'F', 2, 1, 1, 0)).getMessage())
        .contains("ELF file")
        .contains("precompiled");
  }

  @Test
  void anyOtherFileIsReportedWithItsFirstBytes() {
    var refusal = refusal("{\"json\":1}".getBytes(UTF_8));
    assertThat(refusal.reason()).isEqualTo(Reason.NOT_WEBASSEMBLY);
    assertThat(refusal.getMessage()).contains("starts with 7b226a73");
  }

  @Test
  void anotherVersionIsNamed() {
    assertThat(refusal(bytes(0, 'a', 's', 'm', 2, 0, 0, 0)).getMessage()).contains("version 2");
  }

  @Test
  void aNumberOfMoreThan32BitsIsRefusedWithItsOffset() {
    var refusal = refusal(bytes(0, 'a', 's', 'm', 1, 0, 0, 0, 1, 0x80, 0x80, 0x80, 0x80, 0x10, 0));
    assertThat(refusal.reason()).isEqualTo(Reason.INVALID);
    assertThat(refusal.getMessage()).contains("at byte 9").contains("32-bit");
  }

  @Test
  void aPaddedNumberIsAccepted() {
    var shape =
        ModuleShape.of(
            new WasmBinary(bytes(0, 'a', 's', 'm', 1, 0, 0, 0, 1, 0x81, 0x80, 0x80, 0x80, 0, 0)));
    assertThat(shape.sections()).hasSize(1);
  }

  @Test
  void aLengthBeyondTheFileIsRefused() {
    assertThat(refusal(bytes(0, 'a', 's', 'm', 1, 0, 0, 0, 1, 0x7f)).getMessage())
        .contains("section 1 needs 127 bytes")
        .contains("only 0 are left");
  }

  @Test
  void sectionsOutOfOrderAreRefused() {
    assertThat(refusal(bytes(0, 'a', 's', 'm', 1, 0, 0, 0, 5, 1, 0, 1, 1, 0)).getMessage())
        .contains("section 1 is out of order");
  }

  @Test
  void anIndexOutOfRangeIsRefused() {
    assertThat(
            refusal(new WasmModuleBuilder().export("run", WasmModuleBuilder.FUNCTION, 3).toBytes())
                .getMessage())
        .contains("the index of an exported function is 3, but there are only 0");
  }

  @Test
  void aDuplicateExportIsRefused() {
    assertThat(
            refusal(
                WasmModuleBuilder.reactor().export("run", WasmModuleBuilder.FUNCTION, 0).toBytes()))
        .hasMessageContaining("'run' is declared twice");
  }

  @Test
  void aSharedMemoryIsRefused() {
    assertThat(refusal(new WasmModuleBuilder().raw(5, 1, 3, 1, 1).toBytes()).getMessage())
        .contains("flags 0x03")
        .contains("unshared");
  }

  @Test
  void functionsWithoutBodiesAreRefused() {
    assertThat(refusal(new WasmModuleBuilder().type("->").raw(3, 1, 0).toBytes()).getMessage())
        .contains("1 functions are declared, 0 have a body");
  }

  @ParameterizedTest
  @ValueSource(strings = {"echo", "noop", "wasi-command"})
  void everyTruncationIsEitherRefusedOrRead(String handler) {
    byte[] module = PrebuiltHandlers.module(handler).bytes();
    for (int length = 0; length < module.length; length += 1 + length / 1000) {
      readOrRefuse(Arrays.copyOf(module, length));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"echo", "noop", "wasi-command"})
  void everyFlippedBitIsEitherRefusedOrRead(String handler) {
    byte[] module = PrebuiltHandlers.module(handler).bytes();
    for (int at = 0; at < module.length; at += 1 + at / 1000) {
      for (int bit = 0; bit < 8; bit++) {
        module[at] ^= (byte) (1 << bit);
        readOrRefuse(module);
        module[at] ^= (byte) (1 << bit);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"echo", "wasi-command"})
  void everyOversizedNumberIsEitherRefusedOrRead(String handler) {
    byte[] module = PrebuiltHandlers.module(handler).bytes();
    for (int at = 8; at < module.length - 4; at += 1 + at / 1000) {
      byte[] huge = module.clone();
      Arrays.fill(huge, at, at + 4, (byte) 0xff);
      huge[at + 4] = 0x0f;
      readOrRefuse(huge);
    }
  }

  private static void readOrRefuse(byte[] bytes) {
    try {
      assertThat(ModuleParser.parse(bytes)).isNotNull();
    } catch (ModuleRefusedException refused) {
      assertThat(refused.reason()).isIn(Reason.NOT_WEBASSEMBLY, Reason.INVALID);
    }
  }

  private static ModuleRefusedException refusal(byte[] bytes) {
    return catchThrowableOfType(
        ModuleRefusedException.class, () -> ModuleShape.of(new WasmBinary(bytes)));
  }

  private static byte[] bytes(int... bytes) {
    var converted = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      converted[i] = (byte) bytes[i];
    }
    return converted;
  }
}
