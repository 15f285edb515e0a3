package org.wasmbroker.tasker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.app.Broker;
import org.wasmbroker.grant.Policy;
import org.wasmbroker.grant.PolicyReadResult;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.testing.RawServer;
import org.wasmbroker.testing.TaskerEnvironment;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The workflow of docs/examples/tasker-granted in which all handlers of the catalog work together.
 */
class CatalogWorkflowE2E {
  private static final Path EXAMPLES = Path.of("..", "docs", "examples", "tasker-granted");
  private static final String RATES = "{\"rates\":{\"EUR\":1,\"CHF\":0.95}}";
  private static final JsonMapper JSON = JsonMapper.shared();

  private static RawServer rates;
  private static RawServer hook;
  private static TaskerEnvironment stage;
  private static Conformance conformance;
  private static Broker broker;

  @BeforeAll
  static void start(@TempDir Path directory) {
    rates =
        RawServer.responding(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                .formatted(RATES.length(), RATES));
    hook = RawServer.responding("HTTP/1.1 204 No Content\r\n\r\n");
    stage = new TaskerEnvironment("catalogwork", "/tasker/workflows", directory);
    stage.addWorkflow(EXAMPLES.resolve("order-settlement.yaml"));
    conformance = new Conformance(stage);
    broker = stage.startBroker(8, policy());
  }

  @AfterAll
  static void stop() {
    broker.close();
    hook.close();
    rates.close();
  }

  private static Policy policy() {
    var text =
        """
        handlers:
          - handler: http_request
            http:
              - { url: "%s", networks: [127.0.0.0/8] }
          - handler: notify
            http:
              - { url: "%s", methods: [POST], networks: [127.0.0.0/8] }
        """
            .formatted(rates.url(), hook.url());
    return switch (Policy.read(text.getBytes(UTF_8), Limits.DEFAULTS)) {
      case PolicyReadResult.Valid(var policy) -> policy;
      case PolicyReadResult.Invalid(var problems) -> throw new AssertionError(problems);
    };
  }

  @Test
  void anOrderIsSettledByAllHandlersTogether() throws IOException {
    var task = submit("approved");
    stage.awaitTask(task, "complete");
    conformance.check(task);

    assertThat(stage.steps(task))
        .containsOnlyKeys(
            "settle_check",
            "settle_approval",
            "settle_rates",
            "settle_route",
            "settle_split",
            "settle_lines_001",
            "settle_lines_002",
            "settle_total",
            "settle_tell");
    assertThat(result(task, "settle_total").at("/value/cents").asInt()).isEqualTo(9310);
    assertThat(result(task, "settle_total").at("/counts/used").asInt()).isEqualTo(2);
    assertThat(result(task, "settle_tell").path("status").asString()).isEqualTo("delivered");
    assertThat(hook.requests())
        .anySatisfy(request -> assertThat(request).contains("A-1001: settle"));
  }

  @Test
  void anOrderThatIsRejectedIsToldOnly() throws IOException {
    var task = submit("rejected");
    stage.awaitTask(task, "complete");
    conformance.check(task);

    assertThat(stage.steps(task))
        .containsOnlyKeys(
            "settle_check", "settle_approval", "settle_rates", "settle_route", "settle_tell");
    assertThat(hook.requests())
        .anySatisfy(request -> assertThat(request).contains("A-1001: leave"));
  }

  private static UUID submit(String status) throws IOException {
    var context =
        (ObjectNode)
            JSON.readTree(
                Files.readString(EXAMPLES.resolve("contexts").resolve("order-settlement.json")));
    context.putObject("approval").put("status", status).put("by", "ada@example.com");
    context.put("rates_url", rates.url() + "/eur").put("hook_url", hook.url() + "/orders");
    return stage.submit("order_settlement", context.toString());
  }

  private static JsonNode result(UUID task, String step) {
    return stage.rows().results(stage.step(task, step)).path("result");
  }
}
