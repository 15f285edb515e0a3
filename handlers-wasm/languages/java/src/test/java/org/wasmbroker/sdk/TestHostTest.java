package org.wasmbroker.sdk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** On a JVM, everything that a handler calls is answered by what the test provides. */
class TestHostTest {
  @BeforeEach
  void reset() {
    TestHost.reset();
  }

  @Test
  void aRequestGetsTheResponseThatTheTestProvides() {
    TestHost.provideResponse(201, "{\"rate\": " + "1".repeat(5) + "}");

    try (var response =
        Request.post("https://rates.example.com")
            .header("accept", "application/json")
            .query("day", "1")
            .json(Json.of(7))
            .timeout(Duration.ofSeconds(2))
            .idempotencyKey()
            .send()) {
      assertEquals(201, response.status());
      assertTrue(response.header("none").isEmpty());
      assertEquals(11111, response.json().get("rate").asLong());
    }
    var expected =
        """
        {"method": "POST", "url": "https://rates.example.com", "body": {"json": 7}, "timeout_ms": 2000,
         "idempotency_key": true, "headers": {"accept": "application/json"}, "query": {"day": "1"}}
        """;
    assertEquals(List.of(Json.parse(expected)), TestHost.requests());
  }

  @Test
  void aLargeBodyIsReadInPieces() {
    TestHost.provideResponse(200, "x".repeat(200_000));

    assertEquals("x".repeat(200_000), Request.get("https://large.example.com").send().text());
  }

  @Test
  void aRequestWithoutAResponseFails() {
    var failure = assertThrows(Failure.class, () -> Request.get("https://a.example.com").send());

    assertEquals("not_allowed", failure.type());
  }

  @Test
  void aSecretThatIsNotProvidedIsDenied() {
    TestHost.provideSecret("KEY", "abc");

    assertArrayEquals(new byte[] {'a', 'b', 'c'}, Secrets.read("KEY"));
    var failure = assertThrows(Failure.class, () -> Secrets.read("OTHER"));
    assertEquals("denied", failure.type());
    assertEquals("the secret OTHER: denied", failure.getMessage());
  }

  @Test
  void linesAndClocksAreThere() {
    Log.warn("low");
    Log.write(Log.Level.ERROR, "gone", Json.object().put("id", 7).build());

    assertEquals(List.of("WARN low", "ERROR gone {\"id\":7}"), TestHost.lines());
    assertFalse(Clocks.elapsed().isNegative());
    assertEquals(Duration.ofSeconds(10), Clocks.remaining());
  }

  @Test
  void outcomesAndFailuresAreTheDocumentsOfTheAbi() {
    assertEquals(
        Json.parse("{\"status\":\"completed\",\"result\":null}"),
        Outcome.completed(Json.NULL).document());
    assertEquals(
        Json.parse(
            "{\"status\":\"checkpoint\",\"cursor\":3,\"items_processed\":3,\"accumulated_results\":[]}"),
        Outcome.checkpoint(Json.of(3), 3, Json.array(List.of())).document());
    assertEquals(
        Json.parse(
            """
            {"status":"failed","error":{"type":"busy","message":"later","retryable":true,
             "retry_after_ms":700,"code":"queue"}}
            """),
        Failure.retryable("busy", "later")
            .retryAfter(Duration.ofMillis(700))
            .code("queue")
            .document());
  }

  @Test
  void aStepHasWhatItsDocumentHas() {
    var step =
        Step.parse(
            """
            {"step": {"attempt": 2, "max_attempts": 3}, "config": {"n": "x"}, "deps": {"load": 1},
             "checkpoint": {"cursor": "c", "items_processed": 5}}
            """);

    assertEquals(2, step.attempt());
    assertEquals(3, step.maxAttempts());
    assertEquals(1, step.dependencies().get("load").asLong());
    assertEquals(
        new Outcome.Checkpoint(Json.of("c"), 5, Json.NULL), step.checkpoint().orElseThrow());
    assertTrue(step.context().isNull());
    var config = assertThrows(Failure.class, () -> step.config().get("n").asLong());
    assertEquals("invalid_config", config.type());
    assertEquals("/config/n: expected a whole number of 64 bits, was a text", config.getMessage());
    var context = assertThrows(Failure.class, () -> step.context().get("lines").elements());
    assertEquals("invalid_input", context.type());
    assertEquals("/context/lines: expected an array, there is none", context.getMessage());
    assertThrows(Failure.class, () -> Step.parse("7"));
  }
}
