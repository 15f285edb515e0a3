package org.wasmbroker.sandbox;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.wasmbroker.sandbox.wasmtime.WasmtimeEngine;
import org.wasmbroker.sandbox.wasmtimejava.WasmtimeJavaEngine;
import org.wasmbroker.step.Document;
import org.wasmbroker.testing.PrebuiltHandlers;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The transform handler answers in the sandbox, on every engine, byte for byte what the same source
 * answers as a native program. The expected answers were recorded from the native program by {@code
 * handlers-wasm/build --record}, and {@code handlers-wasm/build --test} holds them to it.
 */
class TransformEqualityTest {
  private static final Path CASES = Path.of("..", "handlers-wasm", "catalog", "transform", "cases");

  private static final int LONGEST_RECORDED = 4000;

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
                  assertThat(recorded(answer(module, one)))
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

  /** The answer, or what is recorded of one that is longer. */
  private static String recorded(String answer) {
    var bytes = answer.getBytes(StandardCharsets.UTF_8);
    return bytes.length > LONGEST_RECORDED
        ? "%d bytes, FNV-1a %016x".formatted(bytes.length, fnv1a(bytes))
        : answer;
  }

  private static String expected(JsonNode expect) {
    return expect.isString()
        ? expect.asString()
        : "%d bytes, FNV-1a %s"
            .formatted(expect.get("bytes").asInt(), expect.get("fnv1a64").asString());
  }

  private static long fnv1a(byte[] bytes) {
    long hash = 0xcbf29ce484222325L;
    for (byte one : bytes) {
      hash = (hash ^ (one & 0xff)) * 0x100000001b3L;
    }
    return hash;
  }

  /**
   * A long document is written as parts, of which some are repeated; '#' counts the repetitions.
   */
  private static String expand(JsonNode document) {
    if (document.isString()) {
      return document.asString();
    }
    var text = new StringBuilder();
    for (var part : document) {
      if (part.isString()) {
        text.append(part.asString());
      } else {
        var repeated = part.get("repeat").asString();
        text.append(
            IntStream.range(0, part.get("times").asInt())
                .mapToObj(i -> repeated.replace("#", Integer.toString(i)))
                .collect(joining(part.path("separator").asString(""))));
      }
    }
    return text.toString();
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
                  expand(one.get("document")),
                  expected(one.get("expect"))));
        }
      }
    }
    return cases;
  }
}
