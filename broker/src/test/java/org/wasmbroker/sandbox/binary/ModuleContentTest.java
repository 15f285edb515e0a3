package org.wasmbroker.sandbox.binary;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.wasmbroker.sandbox.ModuleRefusedException;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.sandbox.wasmtime.Wat;

/** What a module carries is put into it and taken out of it, and nothing else changes. */
class ModuleContentTest {
  private static final WasmBinary CODE = Wat.toWasm("(module (func (export \"run\")))");

  @Test
  void contentThatIsPutInIsTakenOut() {
    var carrying = ModuleContent.put(CODE, "é".getBytes(UTF_8));

    var content = content(carrying).orElseThrow();

    assertThat(content.bytes().text()).isEqualTo("é");
    assertThat(content.code().digest()).isEqualTo(CODE.digest());
    assertThat(content(content.code())).isEmpty();
  }

  @Test
  void contentMayBeEmpty() {
    assertThat(content(ModuleContent.put(CODE, new byte[0])).orElseThrow().bytes().size()).isZero();
  }

  @Test
  void contentIsFoundAmongOtherSections() {
    var wasm =
        Wat.toWasm(
            """
            (module
              (@custom "before" (before first) "x")
              (@custom "wasm_broker.content" (before code) "carried")
              (@custom "wasm_broker.content.not" "y")
              (func (export "run")))
            """);
    var content = content(wasm).orElseThrow();

    assertThat(content.bytes().text()).isEqualTo("carried");
    assertThat(CustomSections.of(content.code(), ModuleShape.of(content.code())).sections())
        .extracting(CustomSections.Custom::name)
        .contains("before", "wasm_broker.content.not")
        .doesNotContain("wasm_broker.content");
  }

  @Test
  void twoContentsAreRefused() {
    var twice = ModuleContent.put(ModuleContent.put(CODE, new byte[1]), new byte[1]);

    assertThatThrownBy(() -> content(twice))
        .isInstanceOf(ModuleRefusedException.class)
        .hasMessageContaining("two sections 'wasm_broker.content'");
  }

  private static Optional<ModuleContent> content(WasmBinary wasm) {
    return ModuleContent.of(wasm, ModuleShape.of(wasm));
  }
}
