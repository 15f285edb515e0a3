package org.wasmbroker.bench;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Step documents of {@code transform}: each filter of the demo on orders of its shop, in several
 * sizes. They are the same in every run.
 */
public final class TransformDocuments {
  /**
   * The least sizes of the input, in bytes, in which there is one line of an order at least.
   * Configuration and step come on top.
   */
  static final List<Integer> SIZES = List.of(100, 1_000, 10_000, 50_000);

  /**
   * @param filter the name of the demo's filter
   * @param size one of {@link #SIZES}
   */
  public record Case(String filter, int size, String document) {}

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final JsonNode shop;
  private final JsonNode jobs;

  /**
   * @param directory the demo's resources
   */
  public TransformDocuments(Path directory) {
    shop = JSON.readTree(directory.resolve("shop.json").toFile());
    jobs = JSON.readTree(directory.resolve("jobs.json").toFile());
  }

  /** All filters on all sizes, in this order. */
  public List<Case> cases() {
    var cases = new ArrayList<Case>();
    for (var job : jobs) {
      for (int size : SIZES) {
        cases.add(new Case(job.get("name").asString(), size, document(job, context(size))));
      }
    }
    return cases;
  }

  private static String document(JsonNode job, JsonNode context) {
    var document =
        (ObjectNode)
            JSON.readTree(
                """
                {"step":{"step_uuid":"0199d6a2-6c1e-7d1a-a1f0-0a4b5c6d7e8f","name":"bench",\
                "handler":"transform","attempt":1,"max_attempts":3,"deadline_ms":30000,"inputs":{}},\
                "task":null,"deps":{},"prev":null,"checkpoint":null}\
                """);
    var config = document.putObject("config");
    config.set("filter", job.get("filter"));
    if (job.has("output")) {
      config.set("output", job.get("output"));
    }
    document.set("context", context);
    return JSON.writeValueAsString(document);
  }

  /** Orders of about this many bytes; the last one ends where there are enough. */
  private JsonNode context(int size) {
    var random = new Random(size);
    var context = JSON.createObjectNode();
    context.put("shop", "Corner shop");
    var orders = context.putArray("orders");
    int bytes = bytes(context);
    for (int i = 0; bytes < size; i++) {
      bytes += bytes(order(random, i, size - bytes, orders.addObject()));
    }
    return context;
  }

  private ObjectNode order(Random random, int number, int left, ObjectNode order) {
    order.put("id", "O-%d".formatted(number));
    order.set("customer", pick(random, "customers"));
    if (random.nextInt(3) == 0) {
      order.set("note", pick(random, "notes"));
    }
    var lines = order.putArray("lines");
    int count = 1 + random.nextInt(12);
    for (int i = 0; i < count && (i == 0 || bytes(order) < left); i++) {
      line(random, lines);
    }
    return order;
  }

  private void line(Random random, ArrayNode lines) {
    var line = ((ObjectNode) pick(random, "products")).deepCopy();
    line.put("quantity", 1 + random.nextInt(5));
    lines.add(line);
  }

  private JsonNode pick(Random random, String list) {
    var choices = shop.path(list);
    return choices.get(random.nextInt(choices.size()));
  }

  private static int bytes(JsonNode node) {
    return JSON.writeValueAsString(node).getBytes(StandardCharsets.UTF_8).length;
  }
}
