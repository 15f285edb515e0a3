package org.wasmbroker.sandbox.component;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.sandbox.wasmtime.Wat;
import org.wasmbroker.testing.Components;
import org.wasmbroker.testing.Guests;

final class ComponentNamesTest {
  private static final String EVERY_SORT =
      """
      (component
        (import "wasi:cli/environment@0.2.3" (instance $environment
          (export "initial-cwd" (func (result (option string))))))
        (import "a-resource" (type (sub resource)))
        (type $number u32)
        (import "a-type" (type $type (eq $number)))
        (import "plain" (func $plain (param "a" u32)))
        (import "a-module" (core module))
        (import "a-component" (component))
        (export "again" (func $plain) (func (param "a" u32)))
        (export "its-type" (type $type))
        (export "wasi:cli/run@0.2.3" (instance $environment)))
      """;

  @Test
  void interfacesAndFunctionsAreNamedAndNothingElse() {
    assertThat(ComponentNames.of(Wat.toWasm(EVERY_SORT)))
        .hasValueSatisfying(
            names -> {
              assertThat(names.imports()).containsExactly("wasi:cli/environment@0.2.3", "plain");
              assertThat(names.exports()).containsExactly("again", "wasi:cli/run@0.2.3");
            });
    assertThat(ComponentNames.of(Components.echo()).orElseThrow().exports()).containsExactly("run");
  }

  @Test
  void aCoreModuleIsNoComponent() {
    assertThat(ComponentNames.of(Guests.guest("echo"))).isEmpty();
    assertThat(ComponentNames.of(new WasmBinary(new byte[0]))).isEmpty();
  }

  /** They are read of everything that somebody publishes. */
  @Test
  void whateverIsDamagedThereIsAnAnswer() {
    var whole = Wat.toWasm(EVERY_SORT).bytes();
    for (int i = 8; i < whole.length; i++) {
      var damaged = whole.clone();
      damaged[i] ^= (byte) 0xff;
      assertThat(ComponentNames.of(new WasmBinary(damaged))).isPresent();
      assertThat(ComponentNames.of(new WasmBinary(Arrays.copyOf(whole, i)))).isPresent();
    }
  }

  @Test
  void aNameOfNoUseIsNotTold() {
    var wat = "(component (import \"%s\" (func)))";
    assertThat(ComponentNames.of(Wat.toWasm(wat.formatted("a".repeat(200)))))
        .hasValueSatisfying(names -> assertThat(names.imports()).hasSize(1));
    assertThat(ComponentNames.of(Wat.toWasm(wat.formatted("a".repeat(201)))))
        .isEqualTo(Optional.of(new ComponentNames(List.of(), List.of())));
  }
}
