package org.wasmbroker.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.wasmbroker.testing.Guests.guest;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.wasmbroker.sandbox.ModuleRefusedException.Reason;
import org.wasmbroker.sandbox.wasmtime.Wat;

/** Modules that every engine refuses to compile, with a message that says what is wrong. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class RefusalContract {
  private static final Limits LIMITS = Limits.DEFAULTS.withMemoryBytes(1 << 20);
  private static final String MEMORY = "(memory (export \"memory\") 1)";
  private static final String RUN = "(func (export \"run\"))";

  private Engine engine;

  abstract Engine start(EngineConfig config);

  @BeforeAll
  void startEngine() {
    var of = EngineConfig.of(1);
    engine =
        start(
            new EngineConfig(
                of.slots(), of.memoryBytes(), of.stackBytes(), of.tick(), 100_000, null, null));
  }

  @AfterAll
  void closeEngine() {
    engine.close();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("modules")
  void aModuleIsRefusedWithItsReason(String text, Reason reason, String named) {
    assertRefused(Wat.toWasm("(module " + text + ")"), reason, named);
  }

  static Stream<Arguments> modules() {
    return Stream.concat(preparing(), other());
  }

  /** What cannot be put back into a fresh instance. */
  private static Stream<Arguments> preparing() {
    var prepare = "(func (export \"prepare\"))" + MEMORY;
    var table = prepare + RUN + "(table $t 2 funcref)";
    return Stream.of(
        refusal(
            prepare + "(func (export \"_start\"))",
            Reason.INVALID,
            "a WASI command cannot be prepared"),
        refusal(
            MEMORY + RUN + "(func (export \"prepare\") (param i32))",
            Reason.WRONG_SIGNATURE,
            "'prepare' is (i32) -> (), it must be () -> () or () -> i32"),
        refusal(
            MEMORY + RUN + "(global (export \"prepare\") i32 (i32.const 0))",
            Reason.WRONG_SIGNATURE,
            "'prepare' is a global"),
        refusal(prepare + RUN + "(func $f) (start $f)", Reason.INVALID, "has a start function"),
        refusal(
            table + "(func (table.set $t (i32.const 0) (ref.null func)))",
            Reason.INVALID,
            "uses table.set"),
        refusal(
            table + "(func (drop (table.grow $t (ref.null func) (i32.const 1))))",
            Reason.INVALID,
            "uses table.grow"),
        refusal(
            table + "(func (table.fill $t (i32.const 0) (ref.null func) (i32.const 1)))",
            Reason.INVALID,
            "uses table.fill"),
        refusal(
            table + "(func (table.copy $t $t (i32.const 0) (i32.const 1) (i32.const 1)))",
            Reason.INVALID,
            "uses table.copy"),
        refusal(
            table
                + "(func $f) (elem $e func $f)"
                + "(func (table.init $t $e (i32.const 0) (i32.const 0) (i32.const 1)))",
            Reason.INVALID,
            "uses table.init"),
        refusal(
            table + "(func $f) (elem $e func $f) (func (elem.drop $e))",
            Reason.INVALID,
            "uses elem.drop"),
        refusal(
            prepare + RUN + "(data $d \"x\") (func (data.drop $d))",
            Reason.INVALID,
            "uses data.drop"),
        refusal(
            prepare + RUN + "(global (mut funcref) (ref.null func))",
            Reason.INVALID,
            "mutable global of type funcref"));
  }

  private static Stream<Arguments> other() {
    return Stream.of(
        refusal(RUN, Reason.MISSING_EXPORT, "'memory'"),
        refusal(MEMORY, Reason.MISSING_EXPORT, "'run'"),
        refusal("(memory 1)" + RUN, Reason.MISSING_EXPORT, "'memory'"),
        refusal(
            "(import \"wasm_broker_v1\" \"read_inputs\" (func (param i32 i32) (result i32)))"
                + MEMORY
                + RUN,
            Reason.UNKNOWN_IMPORT,
            "'wasm_broker_v1.read_inputs'"),
        refusal(
            "(import \"env\" \"abort\" (func))" + MEMORY + RUN,
            Reason.WRONG_SIGNATURE,
            "--use abort="),
        refusal(
            "(import \"env\" \"fd_write\" (func))" + MEMORY + RUN,
            Reason.UNKNOWN_IMPORT,
            "'fd_write' is in wasi_snapshot_preview1"),
        refusal(
            "(import \"env\" \"memory\" (memory 1)) (export \"memory\" (memory 0))" + RUN,
            Reason.UNKNOWN_IMPORT,
            "'env.memory'"),
        refusal(
            "(import \"wasm_broker_v1\" \"get_time\" (func (param i64) (result i64)))"
                + MEMORY
                + RUN,
            Reason.WRONG_SIGNATURE,
            "(i32) -> i64"),
        refusal(MEMORY + "(func (export \"run\") (param i32))", Reason.WRONG_SIGNATURE, "'run'"),
        refusal(
            MEMORY + "(global (export \"run\") i32 (i32.const 0))",
            Reason.WRONG_SIGNATURE,
            "'run'"),
        refusal(
            MEMORY + RUN + "(func (export \"_initialize\") (result i32) (i32.const 0))",
            Reason.WRONG_SIGNATURE,
            "'_initialize'"),
        refusal(
            MEMORY + "(func (export \"_start\") (param i32))", Reason.WRONG_SIGNATURE, "'_start'"),
        refusal("(memory (export \"memory\") 17)" + RUN, Reason.OVER_LIMIT, "1114112 bytes"),
        refusal(MEMORY + RUN + "(table 10001 funcref)", Reason.OVER_LIMIT, "10001 elements"),
        refusal(MEMORY + "(func (export \"run\") i32.add drop)", Reason.INVALID, ""),
        refusal(MEMORY + "(func $f) (func (export \"run\") (return_call $f))", Reason.INVALID, ""),
        refusal(MEMORY + RUN + "(type (struct (field i32)))", Reason.INVALID, ""),
        refusal(MEMORY + RUN + "(tag)", Reason.INVALID, ""),
        refusal("(memory (export \"memory\") i64 1)" + RUN, Reason.INVALID, "memory"),
        refusal("(memory (export \"memory\") 1 2 shared)" + RUN, Reason.INVALID, "memory"));
  }

  @Test
  void bytesThatAreNotWebAssemblyAreRefused() {
    assertRefused(
        new WasmBinary("#!/bin/sh\necho hello".getBytes(StandardCharsets.UTF_8)),
        Reason.NOT_WEBASSEMBLY,
        "");
    assertRefused(new WasmBinary(new byte[0]), Reason.NOT_WEBASSEMBLY, "");
  }

  @Test
  void aTruncatedModuleIsRefused() {
    var whole = Wat.toWasm("(module " + MEMORY + RUN + ")").bytes();
    for (int length = 0; length < whole.length; length++) {
      var cut = new WasmBinary(Arrays.copyOf(whole, length));

      assertThatThrownBy(() -> engine.compile(cut, LIMITS).close())
          .isInstanceOf(ModuleRefusedException.class);
    }
  }

  @Test
  void anOversizedModuleIsRefused() {
    assertRefused(new WasmBinary(new byte[100_001]), Reason.TOO_LARGE, "100001");
  }

  @Test
  void limitsAboveTheEnginesAreRefused() {
    var limits = Limits.DEFAULTS.withMemoryBytes(1L << 30);

    assertThatThrownBy(() -> engine.compile(guest("echo"), limits).close())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("limits.memory");
  }

  private void assertRefused(WasmBinary wasm, Reason reason, String named) {
    assertThatThrownBy(() -> engine.compile(wasm, LIMITS).close())
        .isInstanceOfSatisfying(
            ModuleRefusedException.class, refused -> assertThat(refused.reason()).isEqualTo(reason))
        .hasMessageContaining(named);
  }

  private static Arguments refusal(String text, Reason reason, String named) {
    return Arguments.of(text, reason, named);
  }
}
