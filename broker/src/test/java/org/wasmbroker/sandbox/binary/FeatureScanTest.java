package org.wasmbroker.sandbox.binary;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.testing.PrebuiltHandlers;
import org.wasmbroker.testing.WasmModuleBuilder;

class FeatureScanTest {
  private static FeatureScan scan(WasmModuleBuilder module) {
    var wasm = module.toWasm();
    return FeatureScan.of(wasm, ModuleShape.of(wasm));
  }

  static Stream<Arguments> instructions() {
    return Stream.of(
        arguments(Feature.SIGN_EXTENSION, new int[] {0x41, 0, 0xc0, 0x1a}),
        arguments(Feature.NON_TRAPPING_FLOAT_TO_INT, new int[] {0x43, 0, 0, 0, 0, 0xfc, 0, 0x1a}),
        arguments(Feature.BULK_MEMORY, new int[] {0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 11, 0}),
        arguments(Feature.REFERENCE_TYPES, new int[] {0xd0, 0x70, 0x1a}),
        arguments(Feature.MULTI_VALUE, new int[] {0x02, 0, 0x0b}),
        arguments(Feature.TAIL_CALLS, new int[] {0x12, 0}),
        arguments(Feature.SIMD, new int[] {0xfd, 0x0f, 0x1a}),
        arguments(Feature.RELAXED_SIMD, new int[] {0xfd, 0x80, 0x02, 0x1a}));
  }

  @ParameterizedTest
  @MethodSource("instructions")
  void anInstructionShowsItsFeature(Feature feature, int[] body) {
    assertThat(scan(WasmModuleBuilder.reactor().function("->", body)))
        .isEqualTo(new FeatureScan(Set.of(feature), true));
  }

  static Stream<Arguments> unknownInstructions() {
    return Stream.of(
        arguments(Feature.THREADS, new int[] {0xfe, 0x03, 0}),
        arguments(Feature.EXCEPTIONS, new int[] {0x08, 0}),
        arguments(Feature.GARBAGE_COLLECTION, new int[] {0xfb, 0, 0}));
  }

  @ParameterizedTest
  @MethodSource("unknownInstructions")
  void whatNoEngineHasIsNamedThoughTheScanEndsThere(Feature feature, int[] body) {
    assertThat(scan(WasmModuleBuilder.reactor().function("->", body)))
        .isEqualTo(new FeatureScan(Set.of(feature), false));
  }

  @Test
  void aModuleOfTheFirstVersionHasNone() {
    assertThat(scan(WasmModuleBuilder.reactor().function("->", 0x02, 0x40, 0x0b)))
        .isEqualTo(new FeatureScan(Set.of(), true));
  }

  @Test
  void aBodyThatIsCutIsNoCrash() {
    assertThat(scan(WasmModuleBuilder.reactor().raw(3, 1, 0).raw(10, 1, 3, 0, 0x41, 0x80)))
        .isEqualTo(new FeatureScan(Set.of(), false));
  }

  @Test
  void theBundledHandlersAreScannedWhole() {
    var wasm = PrebuiltHandlers.module("transform");
    var shape = ModuleShape.of(wasm);
    assertThat(FeatureScan.of(wasm, shape).complete()).isTrue();
  }

  @Test
  void theProducersAreRead() {
    var section = "\0\36\11producers\1\10language\1\4Rust\4\u001b[1m".getBytes(UTF_8);
    section[1] = (byte) (section.length - 2);
    var wasm = new WasmBinary(concat(WasmModuleBuilder.reactor().toBytes(), section));
    assertThat(CustomSections.of(wasm, ModuleShape.of(wasm)).producers())
        .isEqualTo(Map.of("language", List.of("Rust  [1m")));
  }

  @Test
  void aMalformedSectionOfProducersIsLeftOut() {
    var bytes = WasmModuleBuilder.reactor().toBytes();
    var section = new byte[] {0, 11, 9, 'p', 'r', 'o', 'd', 'u', 'c', 'e', 'r', 's', 5};
    var wasm = new WasmBinary(concat(bytes, section));
    var custom = CustomSections.of(wasm, ModuleShape.of(wasm));
    assertThat(custom.producers()).isEmpty();
    assertThat(custom.sections()).containsExactly(new CustomSections.Custom("producers", 1));
  }

  private static byte[] concat(byte[] one, byte[] other) {
    var both = Arrays.copyOf(one, one.length + other.length);
    System.arraycopy(other, 0, both, one.length, other.length);
    return both;
  }
}
