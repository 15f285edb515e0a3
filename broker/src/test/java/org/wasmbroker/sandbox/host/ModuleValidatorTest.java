package org.wasmbroker.sandbox.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.wasmbroker.sandbox.ValueType.I32;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.ModuleRefusedException;
import org.wasmbroker.sandbox.ModuleRefusedException.Reason;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.sandbox.host.ValidatedModule.EntryPoint;
import org.wasmbroker.testing.Guests;
import org.wasmbroker.testing.PrebuiltHandlers;
import org.wasmbroker.testing.WasmModuleBuilder;

class ModuleValidatorTest {
  private static final HostFunction READ_INPUT =
      new HostFunction("wasm_broker_v1", "read_input", List.of(I32, I32), I32, call -> 0);
  private static final HostFunction WRITE_OUTPUT =
      new HostFunction("wasm_broker_v1", "write_output", List.of(I32, I32), I32, call -> 0);
  private static final HostFunction PROC_EXIT =
      new HostFunction("wasi_snapshot_preview1", "proc_exit", List.of(I32), null, call -> 0);

  private final ModuleValidator validator =
      new ModuleValidator(100_000, List.of(READ_INPUT, WRITE_OUTPUT, PROC_EXIT));

  @Test
  void aReactorIsAcceptedWithItsImportsInOrder() {
    var validated =
        validator.validate(
            new WasmModuleBuilder()
                .importFunction("wasi_snapshot_preview1", "proc_exit", "i->")
                .importFunction("wasm_broker_v1", "read_input", "ii->i")
                .function("->i", 0x41, 0)
                .function("->")
                .memory(2)
                .export("memory", WasmModuleBuilder.MEMORY, 0)
                .export("run", WasmModuleBuilder.FUNCTION, 2)
                .export("_initialize", WasmModuleBuilder.FUNCTION, 3)
                .toWasm(),
            Limits.DEFAULTS);

    assertThat(validated.imports()).containsExactly(PROC_EXIT, READ_INPUT);
    assertThat(validated.entryPoint()).isEqualTo(EntryPoint.RUN_WITH_EXIT_CODE);
    assertThat(validated.hasInitializer()).isTrue();
    assertThat(validated.initialMemoryBytes()).isEqualTo(131_072);
  }

  @Test
  void aRunExportWithoutAResultIsAccepted() {
    var validated = validator.validate(WasmModuleBuilder.reactor().toWasm(), Limits.DEFAULTS);
    assertThat(validated.entryPoint()).isEqualTo(EntryPoint.RUN);
    assertThat(validated.hasInitializer()).isFalse();
  }

  @Test
  void aCommandIsAccepted() {
    var validated =
        validator.validate(
            withMemory().function("->").export("_start", WasmModuleBuilder.FUNCTION, 0).toWasm(),
            Limits.DEFAULTS);
    assertThat(validated.entryPoint()).isEqualTo(EntryPoint.START);
  }

  @Test
  void whatRunsNeedDoesNotKeepTheModulesBytes() {
    var validated = validator.validate(Guests.guest("echo"), Limits.DEFAULTS);
    var growing =
        validator.validate(
            withMemory()
                .function("->", 0x41, 1, 0x40, 0, 0x1a)
                .export("run", WasmModuleBuilder.FUNCTION, 0)
                .toWasm(),
            Limits.DEFAULTS);

    var forRuns = growing.forRuns();

    assertThat(growing.probe()).isPresent();
    assertThat(forRuns.wasm().size()).isZero();
    assertThat(forRuns.probe().orElseThrow().wasm().size()).isZero();
    assertThat(forRuns.probe().orElseThrow().declared())
        .isEqualTo(growing.probe().orElseThrow().declared());
    assertThat(forRuns.initialMemoryBytes()).isEqualTo(growing.initialMemoryBytes());
    assertThat(validated.forRuns().imports()).isEqualTo(validated.imports());
    assertThat(validated.forRuns().entryPoint()).isEqualTo(validated.entryPoint());
  }

  @Test
  void theEchoHandlerIsAccepted() {
    assertThat(validator.validate(PrebuiltHandlers.module("echo"), Limits.DEFAULTS).imports())
        .containsExactlyInAnyOrder(READ_INPUT, WRITE_OUTPUT);
  }

  @Test
  void anOversizedModuleIsRefusedWithoutBeingParsed() {
    var refusal =
        refusal(new ModuleValidator(10, List.of()), WasmModuleBuilder.reactor(), Limits.DEFAULTS);
    assertThat(refusal.reason()).isEqualTo(Reason.TOO_LARGE);
    assertThat(refusal).hasMessageContaining("the maximum is 10");
  }

  @Test
  void anUnknownFunctionIsReportedWithTheNearestKnownOne() {
    var refusal = refusal(withMemory().importFunction("wasm_broker_v1", "read_imput", "ii->i"));
    assertThat(refusal.reason()).isEqualTo(Reason.UNKNOWN_IMPORT);
    assertThat(refusal)
        .hasMessageContaining("'wasm_broker_v1.read_imput'")
        .hasMessageContaining("did you mean 'read_input'?");
  }

  @Test
  void anUnknownFunctionWithNoSimilarNameGetsNoSuggestion() {
    assertThat(refusal(withMemory().importFunction("wasm_broker_v1", "fly_to_the_moon", "->")))
        .hasMessageEndingWith("the unknown function 'wasm_broker_v1.fly_to_the_moon'");
  }

  @Test
  void anUnknownImportModuleIsReportedWithTheKnownOnes() {
    var refusal = refusal(withMemory().importFunction("env", "exit", "->"));
    assertThat(refusal.reason()).isEqualTo(Reason.UNKNOWN_IMPORT);
    assertThat(refusal)
        .hasMessageContaining("'env.exit'")
        .hasMessageContaining("wasm_broker_v1 and wasi_snapshot_preview1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "env | abort | i-> | --use abort=",
        "env | seed | ->F | @assemblyscript/wasi-shim",
        "env | console.log | i-> | @assemblyscript/wasi-shim",
        "env | read_input | ii->i | is in wasm_broker_v1",
        "env | emscripten_notify_memory_growth | i-> | -sSTANDALONE_WASM",
        "env | __cxa_throw | iii-> | -fno-exceptions",
        "env | invoke_vi | ii-> | -sSUPPORT_LONGJMP=0",
        "env | my_function | -> | import_module",
        "wbg | __wbg_now | ->F | wasm-bindgen",
        "__wbindgen_placeholder__ | __wbindgen_throw | ii-> | wasm-bindgen",
        "gojs | runtime.wasmExit | i-> | GOOS=wasip1",
        "wasi_unstable | fd_write | iiii->i | preview 1",
        "wasi:cli/stderr@0.2.0 | get-stderr | ->i | wasm32-wasip1",
        "wasi | thread-spawn | i->i | without threads",
        "wasix_32v1 | fd_dup | ii->i | without WASIX"
      })
  void anImportOfACommonToolchainIsRefusedWithWhatToDo(
      String module, String name, String type, String advice) {
    var refusal = refusal(withMemory().importFunction(module, name, type));

    assertThat(refusal).hasMessageContaining(advice);
  }

  @ParameterizedTest
  @CsvSource({"1, --import-table, 0x70 0 1", "2, --import-memory, 0 1", "3, -fPIC, 0x7f 0"})
  void anImportThatIsNoFunctionIsRefusedWithWhatToDo(int kind, String advice, String type) {
    var bytes = List.of(type.split(" ")).stream().mapToInt(Integer::decode).toArray();

    assertThat(refusal(new WasmModuleBuilder().importEntry("env", "thing", kind, bytes)))
        .hasMessageContaining(advice);
  }

  @Test
  void aWrongSignatureIsReportedWithTheExpectedOne() {
    var refusal = refusal(withMemory().importFunction("wasm_broker_v1", "read_input", "iI->"));
    assertThat(refusal.reason()).isEqualTo(Reason.WRONG_SIGNATURE);
    assertThat(refusal).hasMessageContaining("as (i32, i64) -> (), but it is (i32, i32) -> i32");
  }

  @ParameterizedTest
  @CsvSource({"1, table, 0x70 0 1", "2, memory, 0 1", "3, global, 0x7f 0"})
  void importingAnythingButAFunctionIsRefused(int kind, String name, String type) {
    var bytes = List.of(type.split(" ")).stream().mapToInt(Integer::decode).toArray();
    var refusal = refusal(new WasmModuleBuilder().importEntry("env", "thing", kind, bytes));
    assertThat(refusal.reason()).isEqualTo(Reason.UNKNOWN_IMPORT);
    assertThat(refusal).hasMessageContaining("the " + name + " 'env.thing'");
  }

  @Test
  void controlCharactersInNamesAreKeptOutOfMessages() {
    var refusal = refusal(withMemory().importFunction("env\u001b[31m", "x".repeat(500), "->"));
    assertThat(refusal.getMessage()).doesNotContain("\u001b").hasSizeLessThan(300);
  }

  @Test
  void aModuleWithoutAnEntryPointIsRefused() {
    var refusal = refusal(withMemory());
    assertThat(refusal.reason()).isEqualTo(Reason.MISSING_EXPORT);
    assertThat(refusal).hasMessageContaining("'run'").hasMessageContaining("'_start'");
  }

  @Test
  void aModuleWithBothEntryPointsIsRefused() {
    assertThat(refusal(WasmModuleBuilder.reactor().export("_start", WasmModuleBuilder.FUNCTION, 0)))
        .hasMessageContaining("both 'run' and '_start'");
  }

  @Test
  void aCommandWithAnInitializerIsRefused() {
    assertThat(
            refusal(
                withMemory()
                    .function("->")
                    .export("_start", WasmModuleBuilder.FUNCTION, 0)
                    .export("_initialize", WasmModuleBuilder.FUNCTION, 0)))
        .hasMessageContaining("both '_initialize' and '_start'");
  }

  @Test
  void aModuleWithoutMemoryIsRefused() {
    var refusal = refusal(new WasmModuleBuilder().run("->"));
    assertThat(refusal.reason()).isEqualTo(Reason.MISSING_EXPORT);
    assertThat(refusal).hasMessageContaining("'memory'");
  }

  @Test
  void anEntryPointOfTheWrongTypeIsRefused() {
    var refusal =
        refusal(withMemory().function("i->").export("run", WasmModuleBuilder.FUNCTION, 0));
    assertThat(refusal.reason()).isEqualTo(Reason.WRONG_SIGNATURE);
    assertThat(refusal)
        .hasMessageContaining("'run' is (i32) -> (), it must be () -> () or () -> i32");
  }

  @Test
  void anEntryPointThatIsNotAFunctionIsRefused() {
    var refusal = refusal(withMemory().export("run", WasmModuleBuilder.MEMORY, 0));
    assertThat(refusal.reason()).isEqualTo(Reason.WRONG_SIGNATURE);
    assertThat(refusal).hasMessageContaining("'run' is a memory");
  }

  @Test
  void aMemoryWhoseInitialSizeExceedsTheLimitIsRefusedWithBothNumbers() {
    var refusal =
        refusal(
            validator,
            new WasmModuleBuilder()
                .memory(3)
                .export("memory", WasmModuleBuilder.MEMORY, 0)
                .run("->"),
            Limits.DEFAULTS.withMemoryBytes(131_072));
    assertThat(refusal.reason()).isEqualTo(Reason.OVER_LIMIT);
    assertThat(refusal).hasMessageContaining("196608").hasMessageContaining("131072");
  }

  @Test
  void aTableWhoseInitialSizeExceedsTheLimitIsRefusedWithBothNumbers() {
    var refusal = refusal(WasmModuleBuilder.reactor().table(10_001));
    assertThat(refusal.reason()).isEqualTo(Reason.OVER_LIMIT);
    assertThat(refusal).hasMessageContaining("10001").hasMessageContaining("10000");
  }

  @Test
  void aSecondMemoryOrTableIsRefused() {
    assertThat(refusal(WasmModuleBuilder.reactor().memory(1))).hasMessageContaining("2 memories");
    assertThat(refusal(WasmModuleBuilder.reactor().table(1).table(1)))
        .hasMessageContaining("2 tables");
  }

  @Test
  void everyBitFlipOfAModuleIsEitherAcceptedOrRefused() {
    byte[] module = PrebuiltHandlers.module("echo").bytes();
    for (int at = 0; at < module.length; at++) {
      for (int bit = 0; bit < 8; bit++) {
        byte[] flipped = module.clone();
        flipped[at] ^= (byte) (1 << bit);
        validateOrRefuse(flipped);
      }
    }
  }

  private void validateOrRefuse(byte[] bytes) {
    try {
      assertThat(validator.validate(new WasmBinary(bytes), Limits.DEFAULTS)).isNotNull();
    } catch (ModuleRefusedException refused) {
      assertThat(refused.getMessage()).isNotBlank();
    }
  }

  private static WasmModuleBuilder withMemory() {
    return new WasmModuleBuilder().memory(1).export("memory", WasmModuleBuilder.MEMORY, 0);
  }

  private ModuleRefusedException refusal(WasmModuleBuilder module) {
    return refusal(validator, module, Limits.DEFAULTS);
  }

  private static ModuleRefusedException refusal(
      ModuleValidator validator, WasmModuleBuilder module, Limits limits) {
    return catchThrowableOfType(
        ModuleRefusedException.class, () -> validator.validate(module.toWasm(), limits));
  }
}
