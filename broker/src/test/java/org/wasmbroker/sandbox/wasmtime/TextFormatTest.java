package org.wasmbroker.sandbox.wasmtime;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.sandbox.InvalidTextException;
import org.wasmbroker.sandbox.WasmBinary;

/** A text becomes a module, or an error that says where it is wrong; whatever it is. */
class TextFormatTest {
  private static final TextFormat FORMAT = TextFormat.load(null);

  @Test
  void aTextBecomesAModule() {
    assertThat(assemble("(module (memory (export \"memory\") 1))").bytes())
        .startsWith(0, 'a', 's', 'm', 1, 0, 0, 0);
  }

  @Test
  void anErrorHasTheLineAndTheMark() {
    assertThatThrownBy(() -> assemble("(module\n  (memory 1)\n  (fnc))"))
        .isInstanceOf(InvalidTextException.class)
        .hasMessageContaining(":3:4")
        .hasMessageContaining("\n")
        .hasMessageContaining("(fnc))");
  }

  @ParameterizedTest
  @ValueSource(strings = {"(", "(module (func", "\u0000", "(module) (module)", "text"})
  void whatIsNotAModuleIsRefused(String text) {
    assertThatThrownBy(() -> assemble(text)).isInstanceOf(InvalidTextException.class);
  }

  @Test
  void whatIsNotUtf8IsRefused() {
    assertThatThrownBy(() -> FORMAT.toWasm(new byte[] {'(', (byte) 0xFF}))
        .isInstanceOf(InvalidTextException.class);
  }

  @Test
  void deepNestingDoesNotOverflowTheStack() {
    var deep = "(module (func " + "(block ".repeat(500_000);

    assertThatThrownBy(() -> assemble(deep)).isInstanceOf(InvalidTextException.class);
    assertThat(assemble(deep + ")".repeat(500_000) + "))").size()).isGreaterThan(500_000);
  }

  private static WasmBinary assemble(String text) {
    return FORMAT.toWasm(text.getBytes(UTF_8));
  }
}
