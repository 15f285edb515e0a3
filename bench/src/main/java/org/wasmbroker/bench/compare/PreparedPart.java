package org.wasmbroker.bench.compare;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.wasmbroker.embedded.EmbeddedPostgres;

/**
 * What a step costs in the sandbox that shares its configuration with those before it, on small
 * documents.
 */
final class PreparedPart implements Part {
  private static final int WARM_UP = 12_000;
  private static final int COUNTED = 3_000;
  private static final int REQUESTS_WARM_UP = 5_000;
  private static final int REQUESTS = 2_000;

  private static final String INPUT =
      """
      {"id":"O-1","lines":[{"sku":"A-1","price":250,"quantity":2},{"sku":"B-2","price":40,"quantity":12}]}\
      """;

  private static final String SMALL =
      """
      {id: .context.id, total: ([.context.lines[] | .price * .quantity] | add)}\
      """;
  private static final String LARGE =
      """
      .context.lines | group_by(.sku) | map({key: (.[0].sku | ascii_downcase | ltrimstr("a-")), \
      value: (map(.price * .quantity) | add)}) | sort_by(.value) | from_entries | to_entries \
      | map({(.key): .value}) | add\
      """;
  private static final String SCHEMA =
      """
      {"type":"object","required":["id","total"],"additionalProperties":false,"properties":\
      {"id":{"type":"string","pattern":"^O-[0-9]+$"},"total":{"type":"number","minimum":0}}}\
      """;
  private static final String ORDER =
      """
      {"type":"object","required":["id","lines"],"additionalProperties":false,"properties":\
      {"id":{"type":"string","pattern":"^O-[0-9]+$","maxLength":20},"lines":{"type":"array","minItems":1,"maxItems":100,\
      "items":{"type":"object","required":["sku","price","quantity"],"additionalProperties":false,"properties":\
      {"sku":{"type":"string","pattern":"^[A-Z]-[0-9]+$"},"price":{"type":"integer","minimum":0},\
      "quantity":{"type":"integer","minimum":1,"maximum":1000}}}}}}\
      """;

  private record Workload(String handler, String config, double limit) {}

  private static final Map<String, Workload> WORKLOADS =
      Map.of(
          "noop", new Workload("noop", "{}", 0),
          "transform-one", transform("1", "", 0.4),
          "transform-total", transform(SMALL, "", 0.3),
          "transform-group", transform(LARGE, "", 0.12),
          "transform-output", transform(SMALL, SCHEMA, 0.35),
          "validate", new Workload("validate", "{\"schema\":%s}".formatted(ORDER), 0.5));

  private static final List<String> ORDERED =
      List.of(
          "noop",
          "transform-one",
          "transform-total",
          "transform-group",
          "transform-output",
          "validate");

  private final StepQueue queue;
  private final SlowServer server;
  private final Path policy;

  PreparedPart(EmbeddedPostgres postgres, Path directory) throws Exception {
    this.queue = new StepQueue(postgres, "prepared");
    this.server = new SlowServer(Duration.ZERO);
    this.policy = server.writePolicy(directory);
  }

  private static Workload transform(String filter, String schema, double limit) {
    var config =
        "{\"filter\":\"%s\"%s}"
            .formatted(
                filter.replace("\\", "\\\\").replace("\"", "\\\""),
                schema.isEmpty() ? "" : ",\"output\":" + schema);
    return new Workload("transform", config, limit);
  }

  @Override
  public String name() {
    return "prepared";
  }

  @Override
  public String about() {
    return "instantiation and execution by the receipts, one guest at a time, document of 100 bytes, median of %,d steps after %,d that share their configuration"
        .formatted(COUNTED, WARM_UP);
  }

  @Override
  public List<Figure> figures() {
    var figures = new ArrayList<Figure>();
    for (var name : ORDERED) {
      var workload = Objects.requireNonNull(WORKLOADS.get(name));
      var figure =
          Figure.of(
              name,
              "µs",
              switch (name) {
                case "noop" -> "noop, for comparison";
                case "transform-one" -> "transform, filter `1`";
                case "transform-total" -> "transform, an object with a sum";
                case "transform-group" ->
                    "transform with `group_by`, `from_entries`, `to_entries`, `sort_by`,"
                        + " `ascii_downcase`, `ltrimstr`";
                case "transform-output" -> "transform, an object with a sum and an output schema";
                default -> "validate";
              });
      figures.add(workload.limit() == 0 ? figure : figure.ratioAtMost(workload.limit()));
    }
    figures.add(
        Figure.of(
                "http-request",
                "µs",
                "http_request with `response_extract` (jq), without the time of its requests;"
                    + " means")
            .ratioAtMost(0.5));
    return figures;
  }

  @Override
  public int rounds() {
    return 7;
  }

  @Override
  public void round(Build build, Samples samples) throws Exception {
    guests(build, samples);
    requests(build, samples);
  }

  private void guests(Build build, Samples samples) throws Exception {
    queue.empty();
    var counted = new HashMap<String, String>();
    var messages = new ArrayList<StepQueue.Message>();
    for (var name : ORDERED) {
      var workload = Objects.requireNonNull(WORKLOADS.get(name));
      for (int i = 0; i < WARM_UP + COUNTED; i++) {
        var message = StepQueue.message(workload.handler(), workload.config(), INPUT);
        messages.add(message);
        if (i >= WARM_UP) {
          counted.put(message.step(), name);
        }
      }
    }
    try (var broker = BrokerProcess.start(build, settings())) {
      queue.send(messages, () -> {});
      queue.await(messages.size(), broker);
    }
    queue.check(messages.size());
    queue.medianTimes(counted).forEach(samples::add);
  }

  /** By the sums of the metrics, since a receipt does not say how long its requests took. */
  private void requests(Build build, Samples samples) throws Exception {
    queue.empty();
    try (var broker = BrokerProcess.start(build, settings())) {
      queue.send(requests(REQUESTS_WARM_UP), () -> {});
      queue.await(REQUESTS_WARM_UP, broker);
      double before = guestSeconds(broker.port());
      queue.send(requests(REQUESTS), () -> {});
      queue.await(REQUESTS_WARM_UP + REQUESTS, broker);
      samples.add("http-request", (guestSeconds(broker.port()) - before) * 1e6 / REQUESTS);
    }
    queue.check(REQUESTS_WARM_UP + REQUESTS);
  }

  private List<StepQueue.Message> requests(int count) {
    var config =
        """
        {"method":"POST","url":"%s","headers":{"X-Order":"${context.id}"},"query":{"lines":"2"},\
        "body":{"order":"${context.id}"},"expected_status":[200,"3xx"],\
        "response_extract":".lines | map(.price * .quantity) | add | {total: .}"}\
        """
            .formatted(server.url());
    var messages = new ArrayList<StepQueue.Message>();
    for (int i = 0; i < count; i++) {
      messages.add(StepQueue.message("http_request", config, INPUT));
    }
    return messages;
  }

  private static double guestSeconds(int port) throws Exception {
    return BrokerMetrics.sum(port, "wasm_broker_step_instantiation_seconds_sum")
        + BrokerMetrics.sum(port, "wasm_broker_step_execution_seconds_sum")
        - BrokerMetrics.sum(port, "wasm_broker_http_request_seconds_sum");
  }

  private Map<String, String> settings() {
    var settings = queue.settings();
    settings.put("dispatch.slots", "1");
    settings.put("policy.file", policy.toString());
    return settings;
  }

  @Override
  public void close() {
    server.close();
    queue.close();
  }
}
