package org.wasmbroker.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.sandbox.wasmtime.WasmtimeEngine;
import org.wasmbroker.step.Document;
import org.wasmbroker.testing.EngineConfigs;
import org.wasmbroker.testing.LoopbackHttp;
import org.wasmbroker.testing.PrebuiltHandlers;
import org.wasmbroker.testing.ScriptedServer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The six host functions by way of the Rust SDK: the guest {@code sdk-tour} uses all of them. */
class RustSdkTest {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final String SCRIPT =
      """
      [{"request": "POST /tour?q=a%20b\\nx-secret: s3cr3t\\ncontent-type: application/json\\n\\n{\\"step\\":\\"tour\\"}",
        "answer": "HTTP/1.1 201 Created\\r\\nContent-Type: text/plain\\r\\ncontent-length: 20\\r\\n\\r\\n01234567890123456789"}]
      """;

  private static Engine engine;
  private static CompiledModule module;

  @BeforeAll
  static void compile() {
    engine = WasmtimeEngine.start(EngineConfigs.cached(1), Capabilities.STANDARD.functions());
    module = engine.compile(PrebuiltHandlers.module("sdk-tour"), Limits.DEFAULTS);
  }

  @AfterAll
  static void close() {
    module.close();
    engine.close();
  }

  @Test
  void allHostFunctionsWork() throws IOException {
    try (var server = new ScriptedServer(JSON.readTree(SCRIPT));
        var http = new LoopbackHttp(Map.of("TOUR", "s3cr3t"))) {
      var result =
          run(
              "http://127.0.0.1:" + server.port() + "/tour",
              new Access(
                  Set.copyOf(Capabilities.STANDARD.functionNames()),
                  List.of(http, (GuestSecrets) name -> "s3cr3t".getBytes(UTF_8))));
      assertThat(result)
          .isEqualTo(
              JSON.readTree(
                  """
                  {"request": {"status": 201, "type": "text/plain", "body": "01234567890123456789", "pieces": 3},
                   "secret": {"length": 6, "printed": "Secret(***)"},
                   "clock": {"wall": true, "forward": true, "remaining": true}}
                  """));
      assertThat(server.unservedExchanges()).isZero();
    }
  }

  @Test
  void anUngrantedCallIsAnErrorTheGuestCanHandle() {
    var result = run("http://127.0.0.1:9/", Capabilities.STANDARD.basicAccess());
    assertThat(result.at("/request/kind").asString()).isEqualTo("not_allowed");
    assertThat(result.at("/request/retryable").asBoolean()).isFalse();
    assertThat(result.at("/secret").asString()).isEqualTo("DENIED (-5)");
  }

  @Test
  void theGuestLearnsWhyAndWhenToRetry() {
    GuestHttp busy =
        (request, body, clock) -> {
          throw new CallRefusedException(
              AbiError.RATE_LIMITED,
              "refused",
              Document.of(
                  "{\"type\":\"rate_limited\",\"message\":\"%s\",\"retryable\":true,\"retry_after_ms\":700}"
                      .formatted("slow ".repeat(2000))));
        };
    var result =
        run(
            "http://127.0.0.1:9/",
            new Access(
                Set.copyOf(Capabilities.STANDARD.functionNames()),
                List.of(
                    busy,
                    (GuestSecrets)
                        name -> {
                          throw new CallRefusedException(AbiError.NOT_FOUND, "refused");
                        })));
    assertThat(result.at("/request/kind").asString()).isEqualTo("rate_limited");
    assertThat(result.at("/request/message").asString()).hasSize(10_000);
    assertThat(result.at("/request/retry_after_ms").asInt()).isEqualTo(700);
    assertThat(result.at("/secret").asString()).isEqualTo("NOT_FOUND (-6)");
  }

  private static JsonNode run(String url, Access access) {
    var document =
        "{\"step\":{\"name\":\"tour\"},\"context\":{\"url\":\"%s\",\"secret\":\"TOUR\"}}"
            .formatted(url);
    var result =
        module.run(
            new Invocation(
                "handler",
                Document.of(document),
                Limits.DEFAULTS,
                new Cancellation(),
                GuestLog.NONE,
                access));
    assertThat(result).isInstanceOf(InvocationResult.Completed.class);
    var output = ((InvocationResult.Completed) result).output();
    return JSON.readTree(output.bytes()).get("result");
  }
}
