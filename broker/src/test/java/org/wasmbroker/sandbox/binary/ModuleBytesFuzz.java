package org.wasmbroker.sandbox.binary;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.fuzz.FuzzTarget;
import org.wasmbroker.fuzz.ModuleCorpus;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.ModuleRefusedException;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.sandbox.binary.ModuleShape.Kind;
import org.wasmbroker.sandbox.binary.ModuleShape.Size;
import org.wasmbroker.sandbox.binary.StateExports.Global;
import org.wasmbroker.sandbox.host.ModuleValidator;
import org.wasmbroker.sandbox.host.ValidatedModule;
import org.wasmbroker.testing.Guests;
import org.wasmbroker.testing.PrebuiltHandlers;

/**
 * Untrusted module bytes, before they reach the engine. They are refused for a specific reason, or
 * the broker's changes leave everything else unchanged and enforce the limits.
 */
public final class ModuleBytesFuzz implements FuzzTarget {
  private static final ModuleValidator VALIDATOR =
      new ModuleValidator(1 << 20, Capabilities.STANDARD.functions().all());
  private static final Limits LIMITS = Limits.DEFAULTS.withMemoryBytes(2 << 20);
  private static final long MAX_PAGES = LIMITS.memoryBytes() / ModuleShape.PAGE_BYTES;

  @Override
  public List<byte[]> seeds() {
    var seeds = new ArrayList<>(ModuleCorpus.committed());
    seeds.add(PrebuiltHandlers.module("echo").bytes());
    seeds.add(PrebuiltHandlers.module("noop").bytes());
    seeds.add(Guests.guest("prepared").bytes());
    seeds.addAll(
        FuzzTarget.texts("", "\0asm", "\0asm\1\0\0\0", "\0asm\r\0\1\0", "(module)", "\177ELF"));
    return seeds;
  }

  @Override
  public void accept(byte[] input) {
    var wasm = new WasmBinary(input);
    ValidatedModule validated;
    try {
      validated = VALIDATOR.validate(wasm, LIMITS);
    } catch (ModuleRefusedException refused) {
      var message = String.valueOf(refused.getMessage());
      assertThat(message).isNotBlank().hasSizeLessThan(1000);
      assertThat(message.chars()).noneMatch(Character::isISOControl);
      return;
    }
    var shape = ModuleShape.of(wasm);
    assertKeeps(shape, validated.shape());
    assertThat(validated.imports()).hasSameSizeAs(shape.imports());
    assertThat(validated.preparer().isPresent()).isEqualTo(shape.export("prepare").isPresent());
    validated
        .preparer()
        .ifPresent(
            preparer ->
                assertThat(preparer.globals())
                    .allSatisfy(global -> assertIsNewGlobal(global, shape, validated.shape())));

    var clamped = MemoryClamp.clamp(validated.wasm(), validated.shape(), LIMITS);
    var held = ModuleShape.of(clamped);
    assertKeepsAllButSizes(shape, held);
    assertThat(held.memories()).allSatisfy(size -> assertHeld(size, MAX_PAGES));
    assertThat(held.tables()).allSatisfy(table -> assertHeld(table.size(), LIMITS.tableElements()));

    if (held.start().isPresent()) {
      var moved = StartExport.of(clamped, held);
      var last = ModuleShape.of(moved.wasm());
      assertThat(last.start()).isEmpty();
      assertKeepsAllButSizes(shape, last);
      assertThat(last.export(moved.name()).orElseThrow().index())
          .isEqualTo(shape.start().orElseThrow());
    }
  }

  private static void assertIsNewGlobal(Global global, ModuleShape before, ModuleShape after) {
    assertThat(before.export(global.export())).isEmpty();
    var export = after.export(global.export()).orElseThrow();
    assertThat(export.kind()).isEqualTo(Kind.GLOBAL);
    assertThat(export.index()).isLessThan(after.globals());
  }

  private static void assertHeld(Size size, long most) {
    assertThat(size.max()).isBetween(size.min(), most);
  }

  private static void assertKeeps(ModuleShape before, ModuleShape after) {
    assertKeepsAllButSizes(before, after);
    assertThat(after.memories()).isEqualTo(before.memories());
    assertThat(after.tables()).isEqualTo(before.tables());
    assertThat(after.start()).isEqualTo(before.start());
  }

  /** Functions, globals and exports may be appended; none of the guest's indices change. */
  private static void assertKeepsAllButSizes(ModuleShape before, ModuleShape after) {
    assertThat(after.imports()).isEqualTo(before.imports());
    assertThat(after.functions().subList(0, before.functions().size()))
        .isEqualTo(before.functions());
    assertThat(after.exports().subList(0, before.exports().size())).isEqualTo(before.exports());
    assertThat(after.globals()).isGreaterThanOrEqualTo(before.globals());
    assertThat(after.memories()).hasSameSizeAs(before.memories());
    assertThat(after.tables()).hasSameSizeAs(before.tables());
  }
}
