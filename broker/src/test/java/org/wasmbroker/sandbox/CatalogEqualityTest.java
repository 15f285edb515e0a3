package org.wasmbroker.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.sandbox.wasmtime.WasmtimeEngine;
import org.wasmbroker.sandbox.wasmtimejava.WasmtimeJavaEngine;
import org.wasmbroker.step.Document;
import org.wasmbroker.testing.EngineConfigs;
import org.wasmbroker.testing.Invocations;
import org.wasmbroker.testing.PrebuiltHandlers;
import org.wasmbroker.testing.PreparedInvocations;
import org.wasmbroker.testing.RecordedCases;
import org.wasmbroker.testing.RecordedCases.Case;

/**
 * A handler of the catalog returns in the sandbox, on every engine, byte for byte what the same
 * source answers as a native program; with its configuration prepared in the run, and where the
 * engine makes images also from an image.
 */
class CatalogEqualityTest {
  @TestFactory
  Stream<DynamicTest> everyCaseOnEveryEngine() {
    return Stream.of("aggregate", "decide", "fan_out", "gate", "transform", "validate")
        .flatMap(CatalogEqualityTest::tests);
  }

  private static Stream<DynamicTest> tests(String handler) {
    var cases = RecordedCases.of(handler);
    assertThat(cases).hasSizeGreaterThanOrEqualTo(60);
    return Stream.of(
        DynamicTest.dynamicTest(
            handler + " on wasmtime",
            () ->
                check(
                    WasmtimeEngine.start(
                        EngineConfigs.cached(1), Capabilities.STANDARD.functions()),
                    handler,
                    cases)),
        DynamicTest.dynamicTest(
            handler + " on wasmtime-java",
            () ->
                check(
                    WasmtimeJavaEngine.start(EngineConfig.of(1), Capabilities.STANDARD.functions()),
                    handler,
                    cases)));
  }

  private static void check(Engine owned, String handler, List<Case> cases) {
    try (var engine = owned;
        var module = engine.compile(PrebuiltHandlers.module(handler), Limits.DEFAULTS)) {
      assertThat(module.prepares()).isTrue();
      assertThat(cases)
          .allSatisfy(
              one -> {
                var invocation =
                    Invocations.basic(
                        Document.of(one.document()),
                        Limits.DEFAULTS,
                        new Cancellation(),
                        GuestLog.NONE);
                assertThat(RecordedCases.recorded(answer(module, invocation)))
                    .as(one.name())
                    .isEqualTo(one.expected());
                if (module.imageMaker().isPresent()) {
                  var prepared = PreparedInvocations.prepared(module, invocation);
                  assertThat(RecordedCases.recorded(answer(module, prepared)))
                      .as(one.name() + ", from an image")
                      .isEqualTo(one.expected());
                }
              });
    }
  }

  private static String answer(CompiledModule module, Invocation invocation) {
    var result = module.run(invocation);
    return result instanceof InvocationResult.Completed(var output, var _)
        ? output.text()
        : result.toString();
  }
}
