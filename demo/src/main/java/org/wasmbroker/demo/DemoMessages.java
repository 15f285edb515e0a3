package org.wasmbroker.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
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

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private static final int FAILING_COUNT = 8;

  private final JsonNode shop;

  /** Configurations of {@code transform}, each with a name. */
  private final JsonNode jobs;

  DemoMessages() {
    shop = read("shop.json");
    jobs = read("jobs.json");
  }

  private static JsonNode read(String name) {
    try (InputStream data =
        Objects.requireNonNull(
            DemoMessages.class.getResourceAsStream(name), name + " is missing from the jar")) {
      return JSON.readTree(data);
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
    var job = jobs.get(number % jobs.size());
    var message = message(number, "demo_" + job.get("name").asString());
    config(message, job.get("filter").asString(), job.get("output"));
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
    config(message, filter, null);
    message.set("input", orders(number, 2));
    message.put("max_attempts", 1);
    return of(message, new Expectation(label, errorType, false));
  }

  /** The only step with a time limit of its own, since it is the only one that needs it. */
  private Message endlessLoop(int number) {
    var message = message(number, "demo_failing");
    config(message, "last(repeat(1))", null);
    message.set("input", orders(number, 2));
    message.put("timeout_ms", 1000);
    message.put("max_attempts", 1);
    return of(message, new Expectation("an endless loop", "limit_exceeded", false));
  }

  private Message violation(int number) {
    var message = message(number, "demo_violation");
    config(
        message,
        "{total: \"a lot\"}",
        JSON.readTree("{\"properties\":{\"total\":{\"type\":\"integer\"}}}"));
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

  private static void config(ObjectNode message, String filter, @Nullable JsonNode outputSchema) {
    var config = message.putObject("config");
    config.put("filter", filter);
    if (outputSchema != null) {
      config.set("output", outputSchema);
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
