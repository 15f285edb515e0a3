package org.wasmbroker.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.SoftAssertions.assertSoftly;

import org.junit.jupiter.api.Test;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.sandbox.wasmtime.WasmtimeEngine;
import org.wasmbroker.sandbox.wasmtimejava.WasmtimeJavaEngine;
import org.wasmbroker.testing.EngineConfigs;
import org.wasmbroker.testing.Invocations;
import org.wasmbroker.testing.JavaScriptCases;
import org.wasmbroker.testing.PrebuiltHandlers;
import org.wasmbroker.testing.PreparedInvocations;

/**
 * Scripts do in the handler {@code javascript} what its cases say, on every engine, with the script
 * loaded in the run and, where the engine makes images, from an image.
 */
class JavaScriptCasesTest {
  @Test
  void scriptsDoWhatTheirCasesSay() {
    check(WasmtimeEngine.start(EngineConfigs.cached(1), Capabilities.STANDARD.functions()));
  }

  @Test
  void scriptsDoTheSameOnTheOtherEngine() {
    check(WasmtimeJavaEngine.start(EngineConfig.of(1), Capabilities.STANDARD.functions()));
  }

  private static void check(Engine owned) {
    var cases = JavaScriptCases.all();
    assertThat(cases).hasSizeGreaterThanOrEqualTo(60);
    try (var engine = owned;
        var module = engine.compile(PrebuiltHandlers.module("javascript"), Limits.DEFAULTS)) {
      assertThat(module.prepares()).isTrue();
      assertSoftly(
          all ->
              cases.forEach(
                  one -> {
                    var invocation =
                        Invocations.basic(
                            one.document(), Limits.DEFAULTS, new Cancellation(), GuestLog.NONE);
                    var answer = answer(module, invocation);
                    all.assertThat(answer)
                        .as("%s, expected %s", one.name(), one.expected())
                        .matches(one::isAnswer);
                    if (module.imageMaker().isPresent()) {
                      var prepared = PreparedInvocations.prepared(module, invocation);
                      all.assertThat(answer(module, prepared))
                          .as("%s, from an image", one.name())
                          .isEqualTo(answer);
                    }
                  }));
    }
  }

  private static String answer(CompiledModule module, Invocation invocation) {
    var result = module.run(invocation);
    return result instanceof InvocationResult.Completed(var output, var _)
        ? output.text()
        : "{\"status\":\"no result\",\"result\":\"%s\"}"
            .formatted(result.toString().replace("\\", "").replace("\"", "'").replace("\n", " "));
  }
}
