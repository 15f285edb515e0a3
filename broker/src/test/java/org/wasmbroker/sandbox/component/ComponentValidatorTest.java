package org.wasmbroker.sandbox.component;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.ModuleRefusedException;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.sandbox.wasmtime.Wat;
import org.wasmbroker.testing.Components;

final class ComponentValidatorTest {
  private static final String NOTHING =
      """
        (export "no-such" (func))
        (export "elapsed" (func (result u32)))
        (export "now" (func (result u64)))
      """;

  private final ComponentValidator validator =
      new ComponentValidator(1 << 20, new ComponentFunctions(Capabilities.STANDARD.functions()));

  @Test
  void anAuthorIsToldAllThatIsWrongAtOnce() {
    var component =
        new Components()
            .instance(
                "sockets", "wasi:sockets/tcp@0.2.0", "(export \"a\" (func)) (export \"b\" (func))")
            .instance("time", "wasm-broker:handler/time@1.0.0", NOTHING)
            .instance("later", "wasm-broker:handler/time@2.0.0", "(export \"now\" (func))")
            .memory("20")
            .code(Components.returning("(local.get 0)", "(local.get 1)"))
            .handler();

    var problems = problems(component, Limits.DEFAULTS.withMemoryBytes(1 << 20));

    assertThat(problems).hasSize(6);
    assertThat(problems.get(0))
        .startsWith("the component imports 'wasi:sockets/tcp@0.2.0#a', which the broker does not")
        .contains("; a component may import from ", "wasi:cli/stdin@0.2");
    assertThat(problems.get(1))
        .isEqualTo(
            "the component imports 'wasi:sockets/tcp@0.2.0#b', which the broker does not have");
    assertThat(problems.get(2)).contains("the unknown function", "time@1.0.0#no-such'");
    assertThat(problems.get(3))
        .isEqualTo(
            "the component imports 'wasm-broker:handler/time@1.0.0#elapsed' as func() -> u32, but it"
                + " is func() -> u64");
    assertThat(problems.get(4)).contains("'wasm-broker:handler/time@2.0.0#now', which the broker");
    assertThat(problems.get(5)).contains("memory starts with 1310720 bytes, the limit is 1048576");
  }

  /** Whoever sees only one is told the same. */
  @Test
  void theFirstProblemIsTheReasonForWhichItIsRefused() {
    var component =
        new Components()
            .instance("time", "wasm-broker:handler/time@1.0.0", NOTHING)
            .code(Components.returning("(local.get 0)", "(local.get 1)"))
            .handler();

    assertThatThrownBy(() -> validator.validate(component, Limits.DEFAULTS))
        .isInstanceOf(ModuleRefusedException.class)
        .hasMessage(problems(component, Limits.DEFAULTS).getFirst());
  }

  @Test
  void whatIsRightHasNoProblems() {
    assertThat(problems(Components.echo(), Limits.DEFAULTS)).isEmpty();
  }

  @Test
  void aMalformedComponentHasOne() {
    var component = new WasmBinary(new byte[] {0, 'a', 's', 'm', 0x0d, 0, 1, 0, 99, 0});
    assertThat(problems(component, Limits.DEFAULTS)).singleElement().asString().contains("section");
  }

  /** A component may have ten thousand imports. */
  @Test
  void whatIsToldIsBounded() {
    var functions = new StringBuilder();
    for (int i = 0; i < 250; i++) {
      functions.append("(export \"f").append(i).append("\" (func))");
    }
    var component =
        Wat.toWasm("(component (import \"a:b/c@1.0.0\" (instance %s)))".formatted(functions));

    var problems = problems(component, Limits.DEFAULTS);

    assertThat(problems)
        .hasSize(102)
        .contains("150 more imports are missing or mistyped")
        .last()
        .asString()
        .contains("exports neither");
  }

  private List<String> problems(WasmBinary component, Limits limits) {
    return validator.problems(component, limits);
  }
}
