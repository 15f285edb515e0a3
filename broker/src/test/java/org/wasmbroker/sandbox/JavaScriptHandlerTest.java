package org.wasmbroker.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.sandbox.InvocationResult.Completed;
import org.wasmbroker.sandbox.InvocationResult.LimitExceeded;
import org.wasmbroker.sandbox.binary.ModuleContent;
import org.wasmbroker.sandbox.wasmtime.WasmtimeEngine;
import org.wasmbroker.step.Document;
import org.wasmbroker.testing.EngineConfigs;
import org.wasmbroker.testing.LoopbackHttp;
import org.wasmbroker.testing.PrebuiltHandlers;
import org.wasmbroker.testing.PreparedInvocations;
import org.wasmbroker.testing.RecordingGuestLog;
import org.wasmbroker.testing.ScriptedServer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Scripts and the broker's functions, limits, images and modules that carry a script. */
class JavaScriptHandlerTest {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final Set<String> ALL = Set.copyOf(Capabilities.STANDARD.functionNames());

  private static Engine engine;
  private static CompiledModule module;

  @BeforeAll
  static void compile() {
    engine = WasmtimeEngine.start(EngineConfigs.cached(1), Capabilities.STANDARD.functions());
    module = engine.compile(PrebuiltHandlers.module("javascript"), Limits.DEFAULTS);
  }

  @AfterAll
  static void close() {
    module.close();
    engine.close();
  }

  @Test
  void fetchSendsARequestAndReadsTheResponse() throws IOException {
    var answer =
        """
        [{"request": "POST /orders?q=a%20b\\nx-secret: s3cr3t\\ncontent-type: application/json\\n\\n{\\"id\\":7}",
          "answer": "HTTP/1.1 201 Created\\r\\nContent-Type: application/json\\r\\nX-Tag: a\\r\\ncontent-length: 11\\r\\n\\r\\n{\\"ok\\":true}"}]
        """;
    try (var server = new ScriptedServer(JSON.readTree(answer));
        var http = new LoopbackHttp(Map.of("KEY", "s3cr3t"))) {
      var result =
          result(
              run(
                  """
                  export default async ({ context }) => {
                    const response = await fetch(new URL("/orders?q=a%20b", context), {
                      method: "post", json: { id: 7 }, headers: { "X-Secret": "{{secret:KEY}}" },
                    });
                    return [response.status, response.ok, response.headers.get("x-tag"), await response.json()];
                  };
                  """,
                  "\"http://127.0.0.1:" + server.port() + "\"", new Access(ALL, List.of(http))));
      assertThat(result.toString()).isEqualTo("[201,true,\"a\",{\"ok\":true}]");
      assertThat(server.unservedExchanges()).isZero();
    }
  }

  @Test
  void aRequestThatFailsBecomesTheStepsErrorWithTheBrokersWord() throws IOException {
    try (var http = new LoopbackHttp(Map.of())) {
      var result =
          run(
              "export default ({ context }) => fetch(context)",
              "\"http://127.0.0.1:1/\"",
              new Access(ALL, List.of(http)));
      assertThat(error(result).at("/type").stringValue()).isEqualTo("connect_failed");
      assertThat(error(result).at("/message").stringValue()).startsWith("fetch failed: ");
      assertThat(error(result).at("/retryable").booleanValue()).isTrue();
    }
    var denied = run("export default () => fetch('https://a.example')", "null", access());
    assertThat(error(denied).at("/message").stringValue()).contains("http_request is not granted");
  }

  @Test
  void aSecretIsReadIfItIsGranted() {
    var secrets = (GuestSecrets) name -> "s3cr3t".getBytes(UTF_8);
    var script = "export default (input, step) => step.secret('KEY').length";

    assertThat(result(run(script, "null", new Access(ALL, List.of(secrets)))).intValue())
        .isEqualTo(6);
    assertThat(error(run(script, "null", access())).at("/message").stringValue())
        .contains("the secret 'KEY' is not granted");
  }

  @Test
  void consoleWritesLogLinesWithLevels() {
    var log = new RecordingGuestLog();
    var script =
        """
        console.info("loaded");
        export default (input, step) => {
          console.log("a", 1, { b: [2] });
          console.debug(new Map([["k", 1]]));
          console.warn("careful");
          console.error(new Error("odd").message);
          step.log("info", "with fields", { id: 7 });
        };
        """;
    module.run(invocation(script, "null", access(), log, Limits.DEFAULTS));
    assertThat(log.lines())
        .containsExactly(
            "INFO loaded",
            "INFO a 1 {\"b\":[2]}",
            "DEBUG Map [[\"k\",1]]",
            "WARN careful",
            "ERROR odd",
            "INFO with fields {\"id\":7}");
  }

  @Test
  void whatIsRandomDiffersInEachRunOfOneImage() {
    var script = "export default () => [Math.random(), crypto.randomUUID(), Date.now()]";
    var invocation =
        PreparedInvocations.prepared(
            module, invocation(script, "null", access(), GuestLog.NONE, Limits.DEFAULTS));
    var first = result(module.run(invocation));
    var second = result(module.run(invocation));

    assertThat(first.get(0)).isNotEqualTo(second.get(0));
    assertThat(first.get(1)).isNotEqualTo(second.get(1));
    assertThat(second.get(2).longValue()).isGreaterThanOrEqualTo(first.get(2).longValue());
  }

  @Test
  void nothingOfARunIsLeftForTheNext() {
    var script =
        """
        const seen = [];
        export default ({ context }) => {
          globalThis.last = context;
          Array.prototype.leak = context;
          seen.push(context);
          return [seen, globalThis.last];
        };
        """;
    var invocation =
        PreparedInvocations.prepared(
            module, invocation(script, "1", access(), GuestLog.NONE, Limits.DEFAULTS));
    assertThat(result(module.run(invocation)).toString()).isEqualTo("[[1],1]");
    assertThat(result(module.run(invocation)).toString()).isEqualTo("[[1],1]");
  }

  @Test
  void aTimerAndALoopEndWithTheDeadline() {
    var limits = Limits.DEFAULTS.withTime(Duration.ofMillis(50));
    for (var script :
        List.of(
            "export default () => new Promise((done) => setTimeout(done, 60_000))",
            "export default () => { for (;;); }",
            "export default async () => { for (;;) await null; }",
            "export default () => /^(a+)+$/.test('a'.repeat(40) + 'b')",
            "for (;;); export default () => 1")) {
      var result = module.run(invocation(script, "null", access(), GuestLog.NONE, limits));
      assertThat(result).as(script).isInstanceOf(LimitExceeded.class);
      assertThat(((LimitExceeded) result).limit()).isEqualTo(LimitKind.TIME);
    }
  }

  @Test
  void aScriptThatTakesTooMuchMemoryExceedsTheLimit() {
    for (var script :
        List.of(
            "export default () => { const list = []; for (;;) list.push(new Array(1000).fill(1)); }",
            "export default () => 'x'.repeat(2 ** 29)",
            "export default () => new Uint8Array(2 ** 30)")) {
      var result = run(script, "null", access());
      assertThat(result).as(script).isInstanceOf(LimitExceeded.class);
      assertThat(((LimitExceeded) result).limit()).isEqualTo(LimitKind.MEMORY);
    }
  }

  @Test
  void itStartsWithLittleMemory() {
    var result = (Completed) run("export default () => 1", "null", access());

    assertThat(result.receipt().memoryHighWaterBytes()).isLessThan(2 << 20);
  }

  @Test
  void aModuleCarriesItsScriptAndSharesTheCodeOfItsInterpreter() {
    var one = withScript("export default ({ config }) => ['one', config.script]");
    var two = withScript("export default () => 'two'");
    try (var first = engine.compile(one, Limits.DEFAULTS);
        var second = engine.compile(two, Limits.DEFAULTS)) {
      assertThat(first.digest()).isNotEqualTo(second.digest());
      assertThat(first.codeBytes()).isEqualTo(second.codeBytes()).isEqualTo(module.codeBytes() / 2);
      assertThat(second.compilation()).isNull();
      var invocation =
          new Invocation(
              "handler",
              Document.of("{\"config\":{\"script\":\"mine\"}}"),
              Limits.DEFAULTS,
              new Cancellation(),
              GuestLog.NONE,
              access());
      assertThat(result(first.run(invocation)).toString()).isEqualTo("[\"one\",\"mine\"]");
      assertThat(result(second.run(invocation)).stringValue()).isEqualTo("two");

      var image = PreparedInvocations.prepared(first, invocation);
      assertThat(result(first.run(image)).toString()).isEqualTo("[\"one\",\"mine\"]");
      assertThatThrownBy(() -> second.run(image))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("cannot be used for module");
    }
    try (var again = engine.compile(one, Limits.DEFAULTS)) {
      assertThat(again.codeBytes()).isEqualTo(module.codeBytes());
    }
  }

  private static WasmBinary withScript(String script) {
    return ModuleContent.put(PrebuiltHandlers.module("javascript"), script.getBytes(UTF_8));
  }

  private static Access access() {
    return Capabilities.STANDARD.basicAccess();
  }

  private static InvocationResult run(String script, String context, Access access) {
    return module.run(invocation(script, context, access, GuestLog.NONE, Limits.DEFAULTS));
  }

  private static Invocation invocation(
      String script, String context, Access access, GuestLog log, Limits limits) {
    return new Invocation(
        "handler", document(script, context), limits, new Cancellation(), log, access);
  }

  private static Document document(String script, String context) {
    return Document.of(
        "{\"step\":{\"name\":\"s\"},\"config\":{\"script\":%s},\"context\":%s}"
            .formatted(JSON.writeValueAsString(script), context));
  }

  private static JsonNode output(InvocationResult result) {
    assertThat(result).isInstanceOf(Completed.class);
    return JSON.readTree(((Completed) result).output().text());
  }

  private static JsonNode result(InvocationResult result) {
    var output = output(result);
    assertThat(output.has("result")).as(output.toString()).isTrue();
    return output.get("result");
  }

  private static JsonNode error(InvocationResult result) {
    return output(result).at("/error");
  }
}
