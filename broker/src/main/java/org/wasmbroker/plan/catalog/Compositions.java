package org.wasmbroker.plan.catalog;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.wasmbroker.registry.release.Manifest;
import org.wasmbroker.step.WireName;
import tools.jackson.databind.JsonNode;

/** Which results can go where, computed from the schemas of the handlers. */
final class Compositions {
  private static final int MAX_LEVELS = 10;

  private Compositions() {}

  /** How a step of the handler gets at the results of the steps before it. */
  static List<String> takes(Manifest manifest) {
    var takes = new ArrayList<String>();
    var input = Schemas.tree(manifest.inputSchema());
    for (var part : List.of("prev", "deps", "context")) {
      if (!Schemas.resolve(input, input.path("properties").path(part))
          .orElse(input.path("none"))
          .isMissingNode()) {
        takes.add("`%s` of the step document".formatted(part));
      }
    }
    var config = Schemas.tree(manifest.configSchema());
    collect(config, config, "", 0, takes);
    return List.copyOf(takes);
  }

  private static void collect(
      JsonNode root, JsonNode schema, String pointer, int level, List<String> takes) {
    var resolved = Schemas.resolve(root, schema);
    if (resolved.isEmpty() || level > MAX_LEVELS) {
      return;
    }
    var means = Meaning.of(schema).or(() -> Meaning.of(resolved.orElseThrow()));
    means.ifPresent(
        meaning -> {
          switch (meaning) {
            case FILTER -> takes.add("the filter in config" + pointer);
            case REFERENCES, URL -> takes.add("references in config" + pointer);
            case UPSTREAM_STEP -> takes.add("the steps that config%s names".formatted(pointer));
            case METHOD, CREATED_STEP, WORKER_STEP, NEW_WORK, STEP_MESSAGE -> {}
          }
        });
    if (means.isPresent() && means.orElseThrow().speaksForItsParts()) {
      return;
    }
    for (var member : resolved.orElseThrow().path("properties").properties()) {
      collect(root, member.getValue(), pointer + "/" + member.getKey(), level + 1, takes);
    }
    var items = resolved.orElseThrow().path("items");
    if (items.isObject()) {
      collect(root, items, pointer + "/*", level + 1, takes);
    }
  }

  /**
   * Whether the result of one handler can be the previous result of each of the others and of
   * itself.
   *
   * @return for each a map of {@code handler}, {@code verdict} and {@code why}
   */
  static List<Map<String, Object>> fits(Manifest producer, List<Manifest> consumers) {
    var output =
        Schemas.tree(producer.outputSchema() == null ? null : producer.outputSchema().source());
    return consumers.stream()
        .map(
            consumer -> {
              var input = Schemas.tree(consumer.inputSchema());
              var fit = Fit.of(output, previous(input));
              var row = new LinkedHashMap<String, Object>();
              row.put("handler", consumer.name());
              row.put("verdict", WireName.of(fit.verdict()));
              row.put("why", fit.reason());
              return (Map<String, Object>) row;
            })
        .toList();
  }

  /** What the previous result has to be, with the definitions that it may refer to. */
  private static JsonNode previous(JsonNode input) {
    var prev = input.path("properties").path("prev");
    if (prev.isObject() && input.path("$defs").isObject()) {
      var copy = (tools.jackson.databind.node.ObjectNode) prev.deepCopy();
      copy.set("$defs", input.get("$defs"));
      return copy;
    }
    return prev;
  }
}
