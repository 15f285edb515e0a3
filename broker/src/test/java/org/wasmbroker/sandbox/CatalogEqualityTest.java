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
import org.wasmbroker.testing.RecordedCases;
import org.wasmbroker.testing.RecordedCases.Case;

/**
 * A handler of the catalog returns in the sandbox, on every engine, byte for byte what the same
 * source answers as a native program.
 */
class CatalogEqualityTest {
  @TestFactory
  Stream<DynamicTest> everyCaseOnEveryEngine() {
    return Stream.of("transform", "validate").flatMap(CatalogEqualityTest::tests);
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
      assertThat(cases)
          .allSatisfy(
              one ->
                  assertThat(RecordedCases.recorded(answer(module, one.document())))
                      .as(one.name())
                      .isEqualTo(one.expected()));
    }
  }

  private static String answer(CompiledModule module, String document) {
    var result =
        module.run(
            Invocations.basic(
                Document.of(document), Limits.DEFAULTS, new Cancellation(), GuestLog.NONE));
    return result instanceof InvocationResult.Completed(var output, var _)
        ? output.text()
        : result.toString();
  }
}
