package org.wasmbroker.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.sandbox.InvocationResult.Completed;
import org.wasmbroker.sandbox.binary.ModuleContent;
import org.wasmbroker.sandbox.wasmtime.WasmtimeEngine;
import org.wasmbroker.step.Document;
import org.wasmbroker.testing.EngineConfigs;
import org.wasmbroker.testing.PrebuiltHandlers;
import org.wasmbroker.testing.PreparedInvocations;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the conformance kit does not show of scripts in Python: the language, and images. */
class PythonHandlerTest {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final Set<String> ALL = Set.copyOf(Capabilities.STANDARD.functionNames());

  private static Engine engine;

  @BeforeAll
  static void start() {
    engine = WasmtimeEngine.start(EngineConfigs.cached(1), Capabilities.STANDARD.functions());
  }

  @AfterAll
  static void close() {
    engine.close();
  }

  @Test
  void whatIsRandomDiffersInEachRunOfOneImage() {
    try (var module = compiled("import random\ndef run(step):\n    return random.random()\n")) {
      var invocation = PreparedInvocations.prepared(module, invocation("null"));

      assertThat(output(module.run(invocation)).at("/result").doubleValue())
          .isNotEqualTo(output(module.run(invocation)).at("/result").doubleValue());
    }
  }

  @Test
  void nothingOfARunIsLeftForTheNext() {
    try (var module =
        compiled(
            """
            seen = []
            def run(step):
                seen.append(step.context)
                return seen
            """)) {
      var invocation = PreparedInvocations.prepared(module, invocation("1"));

      assertThat(output(module.run(invocation)).at("/result").toString()).isEqualTo("[1]");
      assertThat(output(module.run(invocation)).at("/result").toString()).isEqualTo("[1]");
    }
  }

  @Test
  void theLanguageAndItsLibraryAreThere() {
    assertThat(
            run(
                    """
                    import base64, collections, datetime, enum, itertools, json, math, re
                    from decimal import Decimal

                    class Color(enum.Enum):
                        RED = 1

                    def run(step):
                        day = datetime.datetime.fromisoformat("2026-02-28T03:04:05+00:00")
                        match step.context:
                            case {"a": [first, *rest]}:
                                found = [first, rest]
                        return [
                            (day + datetime.timedelta(days=1)).isoformat(), re.sub(r"(\\w+)", r"<\\1>", "a b"),
                            str(Decimal("1.10") + Decimal("2.20")), json.loads("[1, null]"),
                            collections.Counter("abca")["a"], list(itertools.accumulate([1, 2, 3])),
                            base64.b64encode(b"abc").decode(),
                            Color.RED.name, f"{12345.678:,.1f}", 10**30, -7 // 2, math.inf > 1, found]
                    """,
                    "{\"a\": [1, 2.5, \"é😀\"]}")
                .at("/result")
                .toString())
        .isEqualTo(
            """
            ["2026-03-01T03:04:05+00:00","<a> <b>","3.30",[1,null],2,[1,3,6],"YWJj",\
            "RED","12,345.7",1000000000000000000000000000000,-4,true,[1,[2.5,"é😀"]]]\
            """);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "import time\nstarted = time.time()",
        "import random\nnumber = random.random()",
      })
  void whatWouldBeTheSameInAllStepsIsRefusedAtTheTopLevel(String line) {
    assertThat(
            run(line + "\ndef run(step):\n    return 1\n", "null").at("/error/message").asString())
        .contains("while the script is loaded");
  }

  @Test
  void callsWithoutAnEndAreAnErrorThatCanBeCaught() {
    assertThat(
            run(
                    """
                    def endless(x):
                        return [endless(y) for y in [x]]

                    def run(step):
                        try:
                            return endless(1)
                        except RecursionError:
                            return "caught"
                    """,
                    "null")
                .at("/result")
                .asString())
        .isEqualTo("caught");
  }

  @ParameterizedTest
  @ValueSource(ints = {30, 300})
  void aScriptThatIsNestedTooDeeplyIsAnErrorAndNoTrap(int depth) {
    var script =
        "x = " + "[".repeat(depth) + "]".repeat(depth) + "\ndef run(step):\n    return 1\n";

    assertThat(run(script, "null").at("/error/type").asString()).isEqualTo("script_load_error");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{1, 2}", "float('nan')", "object()", "{(1, 2): 3}", "b'x'"})
  void whatIsNoJsonIsRefused(String value) {
    assertThat(
            run("def run(step):\n    return " + value + "\n", "null").at("/error/type").asString())
        .isEqualTo("invalid_result");
  }

  private static JsonNode run(String script, String context) {
    try (var module = compiled(script)) {
      return output(module.run(invocation(context)));
    }
  }

  private static CompiledModule compiled(String script) {
    var wasm = ModuleContent.put(PrebuiltHandlers.interpreter("python"), script.getBytes(UTF_8));
    return engine.compile(wasm, Limits.DEFAULTS);
  }

  private static Invocation invocation(String context) {
    return new Invocation(
        "handler",
        Document.of("{\"step\":{\"name\":\"s\"},\"config\":{},\"context\":%s}".formatted(context)),
        Limits.DEFAULTS,
        new Cancellation(),
        GuestLog.NONE,
        new Access(ALL, List.of()));
  }

  private static JsonNode output(InvocationResult result) {
    assertThat(result).isInstanceOf(Completed.class);
    return JSON.readTree(((Completed) result).output().text());
  }
}
