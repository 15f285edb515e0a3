package org.wasmbroker.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.wasmbroker.sandbox.wasmtime.WasmtimeEngine;
import org.wasmbroker.sandbox.wasmtimejava.WasmtimeJavaEngine;
import org.wasmbroker.step.Document;
import org.wasmbroker.testing.PrebuiltHandlers;
import tools.jackson.databind.json.JsonMapper;

/**
 * The transform handler answers in the sandbox, on every engine, byte for byte what the same source
 * answers as a native program. The expected answers were recorded from the native program by {@code
 * handlers-wasm/build --record}, and {@code handlers-wasm/build --test} holds them to it.
 */
class TransformEqualityTest {
  private static final Path CASES = Path.of("..", "handlers-wasm", "catalog", "transform", "cases");

  private record Case(String group, String name, String document, String expected) {}

  @TestFactory
  Stream<DynamicTest> everyCaseOnEveryEngine() throws IOException {
    var cases = cases();
    assertThat(cases).hasSizeGreaterThanOrEqualTo(60);
    return Stream.of(
        DynamicTest.dynamicTest(
            "wasmtime", () -> check(WasmtimeEngine.start(EngineConfig.of(1)), cases)),
        DynamicTest.dynamicTest(
            "wasmtime-java", () -> check(WasmtimeJavaEngine.start(EngineConfig.of(1)), cases)));
  }

  private static void check(Engine owned, List<Case> cases) {
    try (var engine = owned;
        var module = engine.compile(PrebuiltHandlers.module("transform"), Limits.DEFAULTS)) {
      assertThat(cases)
          .allSatisfy(
              one ->
                  assertThat(answer(module, one))
                      .as(one.group() + ": " + one.name())
                      .isEqualTo(one.expected()));
    }
  }

  private static String answer(CompiledModule module, Case one) {
    var result =
        module.run(
            new Invocation(
                Document.of(one.document()), Limits.DEFAULTS, new Cancellation(), GuestLog.NONE));
    return result instanceof InvocationResult.Completed(var output, var _)
        ? output.text()
        : result.toString();
  }

  private static List<Case> cases() throws IOException {
    var json = JsonMapper.shared();
    var cases = new ArrayList<Case>();
    try (var files = Files.newDirectoryStream(CASES, "*.json")) {
      for (var file : files) {
        for (var one : json.readTree(Files.readAllBytes(file))) {
          cases.add(
              new Case(
                  file.getFileName().toString(),
                  one.get("name").asString(),
                  one.get("document").asString(),
                  one.get("expect").asString()));
        }
      }
    }
    return cases;
  }
}
