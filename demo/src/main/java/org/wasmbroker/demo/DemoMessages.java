package org.wasmbroker.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The messages of the demo: transform steps over orders of a small shop, each document between
 * about 1 and 50 KB, and some that must fail. The same number always results in the same content.
 */
final class DemoMessages {
  /**
   * A message, and how its step is expected to end.
   *
   * @param stepId the step's UUID; empty if the message is not a step
   */
  record Message(String stepId, String json, Expectation expectation) {}

  /**
   * @param label what the message demonstrates
   * @param errorType the type of the error that its result carries; empty if the step completes
   * @param deadLetter whether the message itself is rejected
   */
  record Expectation(String label, String errorType, boolean deadLetter) {
    static final Expectation COMPLETES = new Expectation("completes", "", false);

    boolean completes() {
      return errorType.isEmpty() && !deadLetter;
    }
  }

  private record Job(String name, String filter, String outputSchema) {}

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private static final List<Job> JOBS =
      List.of(
          new Job(
              "revenue_by_category",
              """
              .context.orders | map(.lines[]) | group_by(.category)
              | map({key: .[0].category, value: (map(.price_cents * .quantity) | add)}) | from_entries""",
              """
              {"type":"object","additionalProperties":{"type":"integer","minimum":0}}"""),
          new Job(
              "heaviest_parcels",
              """
              [.context.orders[] | {id, weight_g: ([.lines[] | .weight_g * .quantity] | add)}]
              | sort_by(-.weight_g) | .[:5]""",
              """
              {"type":"array","maxItems":5,"items":{"type":"object","required":["id","weight_g"]}}"""),
          new Job(
              "gold_customers",
              """
              [.context.orders[] | select(.customer.tier == "gold") | .customer | {id, name, city}]
              | unique_by(.id)""",
              ""),
          new Job(
              "labels",
              """
              .context.orders | map("\\(.id): \\(.customer.name), \\(.customer.city) — "
                + (.lines | map("\\(.quantity)× \\(.name)") | join(", ")))""",
              ""),
          new Job(
              "totals",
              """
              .context as $c | reduce .context.orders[] as $o ({};
                .[$o.customer.city] += ([$o.lines[] | .price_cents * .quantity] | add))
              | with_entries(.value |= {cents: ., euros: (. / 100)}) | {shop: $c.shop, cities: .}""",
              ""),
          new Job(
              "search_index",
              """
              [.context.orders[].lines[] | {sku, words: (.name | ascii_downcase | split(" ")), tags}]
              | unique_by(.sku) | map({(.sku): (.words + .tags | unique)}) | add""",
              ""),
          new Job(
              "fragile_first",
              """
              [.context.orders[] | . + {fragile: any(.lines[]; .tags | index("fragile") != null)}]
              | sort_by(.fragile | not) | map({id, fragile, note: (.note // "none")})""",
              """
              {"type":"array","items":{"type":"object","properties":{"fragile":{"type":"boolean"}}}}"""));

  private static final int FAILING_COUNT = 8;

  private final JsonNode shop;

  DemoMessages() {
    try (InputStream data =
        Objects.requireNonNull(
            DemoMessages.class.getResourceAsStream("shop.json"),
            "shop.json is missing from the jar")) {
      shop = JSON.readTree(data);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The number of messages that must fail. */
  int failingCount() {
    return FAILING_COUNT;
  }

  /** The succeeding message with this number. */
  Message succeeding(int number) {
    var job = JOBS.get(number % JOBS.size());
    var message = message(number, "demo_" + job.name());
    config(message, job.filter(), job.outputSchema());
    message.set("input", orders(number, 1 + Math.floorMod(number * 37, 44)));
    return of(message, Expectation.COMPLETES);
  }

  /** One of the {@link #failingCount()} messages that must fail, each in its own way. */
  Message failing(int number) {
    return switch (number % FAILING_COUNT) {
      case 0 ->
          failingFilter(
              number,
              ".context.orders | map(",
              "filter_syntax_error",
              "a filter that does not parse");
      case 1 ->
          failingFilter(
              number,
              ".context.orders | ad_up",
              "filter_undefined",
              "a filter with an unknown function");
      case 2 ->
          failingFilter(
              number,
              ".context.shop + 1",
              "filter_runtime_error",
              "a filter that adds a number to a string");
      case 3 -> endlessLoop(number);
      case 4 -> failingFilter(number, "[range(infinite)]", "limit_exceeded", "a memory hog");
      case 5 -> violation(number);
      case 6 -> unknownHandler(number);
      default ->
          new Message(
              "", "\"not a step\"", new Expectation("a message that is not a step", "", true));
    };
  }

  private Message failingFilter(int number, String filter, String errorType, String label) {
    var message = message(number, "demo_failing");
    config(message, filter, "");
    message.set("input", orders(number, 2));
    message.put("max_attempts", 1);
    return of(message, new Expectation(label, errorType, false));
  }

  /** The only step with a time limit of its own, since it is the only one that needs it. */
  private Message endlessLoop(int number) {
    var message = message(number, "demo_failing");
    config(message, "last(repeat(1))", "");
    message.set("input", orders(number, 2));
    message.put("timeout_ms", 1000);
    message.put("max_attempts", 1);
    return of(message, new Expectation("an endless loop", "limit_exceeded", false));
  }

  private Message violation(int number) {
    var message = message(number, "demo_violation");
    config(message, "{total: \"a lot\"}", "{\"properties\":{\"total\":{\"type\":\"integer\"}}}");
    message.set("input", orders(number, 2));
    return of(
        message,
        new Expectation("a result that violates its schema", "output_schema_violation", false));
  }

  private static Message unknownHandler(int number) {
    var message = message(number, "demo_unknown");
    message.put("handler", "transmogrify");
    return of(message, new Expectation("a handler that does not exist", "unknown_handler", false));
  }

  private static Message of(ObjectNode message, Expectation expectation) {
    return new Message(
        message.get("step_uuid").asString(), JSON.writeValueAsString(message), expectation);
  }

  private static ObjectNode message(int number, String name) {
    var message = JSON.createObjectNode();
    message.put("step_uuid", UUID.randomUUID().toString());
    message.put(
        "correlation_id",
        new UUID(0x7a11_0000_0000_7000L, 0x8000_0000_0000_0000L | number).toString());
    message.put("name", name);
    message.put("handler", "transform");
    return message;
  }

  private static void config(ObjectNode message, String filter, String outputSchema) {
    var config = message.putObject("config");
    config.put("filter", filter);
    if (!outputSchema.isEmpty()) {
      config.set("output", JSON.readTree(outputSchema));
    }
  }

  private ObjectNode orders(int seed, int count) {
    var random = new Random(seed);
    var context = JSON.createObjectNode();
    context.put("shop", "Corner shop " + seed % 9);
    var orders = context.putArray("orders");
    for (int i = 0; i < count; i++) {
      var order = orders.addObject();
      order.put("id", "O-%d-%d".formatted(seed, i));
      order.set("customer", pick(random, "customers"));
      if (random.nextInt(3) == 0) {
        order.set("note", pick(random, "notes"));
      }
      lines(random, order.putArray("lines"));
    }
    return context;
  }

  private void lines(Random random, ArrayNode lines) {
    int count = 1 + random.nextInt(12);
    for (int i = 0; i < count; i++) {
      var line = ((ObjectNode) pick(random, "products")).deepCopy();
      line.put("quantity", 1 + random.nextInt(5));
      lines.add(line);
    }
  }

  private JsonNode pick(Random random, String list) {
    var choices = shop.path(list);
    return choices.get(random.nextInt(choices.size()));
  }
}
