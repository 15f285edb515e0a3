package handler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.wasmbroker.sdk.Failure;
import org.wasmbroker.sdk.Json;
import org.wasmbroker.sdk.Outcome;
import org.wasmbroker.sdk.Step;
import org.wasmbroker.sdk.TestHost;

/** Runs on the JVM: TestHost stands in for the broker. */
class OrderTotalTest {
  @BeforeEach
  void reset() {
    TestHost.reset();
  }

  @Test
  void taxIsAddedToTheLines() {
    var step =
        Step.parse(
            """
            {"config": {"tax_percent": 19},
             "context": {"lines": [{"item": "tea", "price_cents": 250, "quantity": 2}]}}
            """);

    var expected = Json.parse("{\"net_cents\": 500, \"tax_cents\": 95, \"total_cents\": 595}");
    assertEquals(Outcome.completed(expected), OrderTotal.handle(step));
    assertEquals(List.of("INFO lines added up {\"lines\":1}"), TestHost.lines());
  }

  @Test
  void aPriceThatIsNoNumberIsNamedWithItsPlace() {
    var step =
        Step.parse("{\"context\": {\"lines\": [{\"item\": \"tea\", \"price_cents\": \"dear\"}]}}");

    var failure = assertThrows(Failure.class, () -> OrderTotal.handle(step));
    assertEquals("invalid_input", failure.type());
    assertEquals(
        "/context/lines/0/price_cents: expected a whole number of 64 bits, was a text",
        failure.getMessage());
  }
}
