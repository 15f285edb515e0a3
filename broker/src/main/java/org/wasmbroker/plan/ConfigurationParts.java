package org.wasmbroker.plan;

import java.util.ArrayList;
import java.util.List;
import org.wasmbroker.document.JsonPointer;
import org.wasmbroker.plan.catalog.Meaning;
import org.wasmbroker.plan.catalog.Schemas;
import tools.jackson.databind.JsonNode;

/** The parts of a configuration that mean something to the broker, as its schema says. */
final class ConfigurationParts {
  private static final int MAX_LEVELS = 30;

  private final JsonNode root;
  private final List<Part> parts = new ArrayList<>();

  /**
   * A part.
   *
   * @param value what the configuration has there, or the schema's default
   * @param isDefault whether the configuration leaves it out
   */
  record Part(Meaning meaning, JsonNode value, JsonPointer pointer, boolean isDefault) {}

  private ConfigurationParts(JsonNode root) {
    this.root = root;
  }

  static List<Part> of(JsonNode schema, JsonNode config, JsonPointer pointer) {
    var parts = new ConfigurationParts(schema);
    parts.collect(schema, config, pointer, false, 0);
    return List.copyOf(parts.parts);
  }

  private void collect(
      JsonNode schema, JsonNode value, JsonPointer pointer, boolean isDefault, int level) {
    var resolved = Schemas.resolve(root, schema);
    if (resolved.isEmpty() || level > MAX_LEVELS) {
      return;
    }
    var at = resolved.orElseThrow();
    var meaning = Meaning.of(schema).or(() -> Meaning.of(at));
    if (meaning.isPresent()) {
      parts.add(new Part(meaning.orElseThrow(), value, pointer, isDefault));
      if (meaning.orElseThrow().speaksForItsParts()) {
        return;
      }
    }
    for (var variants : List.of("anyOf", "oneOf", "allOf")) {
      for (var variant : at.path(variants)) {
        if (Schemas.mayBe(root, variant, value)) {
          collect(variant, value, pointer, isDefault, level + 1);
        }
      }
    }
    if (value.isObject()) {
      members(at, value, pointer, level);
    } else if (value.isArray() && at.path("items").isObject()) {
      for (int i = 0; i < value.size(); i++) {
        collect(at.get("items"), value.get(i), pointer.element(i), false, level + 1);
      }
    }
  }

  private void members(JsonNode schema, JsonNode value, JsonPointer pointer, int level) {
    var properties = schema.path("properties");
    for (var property : properties.properties()) {
      var name = property.getKey();
      if (value.has(name)) {
        collect(property.getValue(), value.get(name), pointer.member(name), false, level + 1);
      } else {
        var standard = Schemas.resolve(root, property.getValue()).map(each -> each.path("default"));
        if (standard.isPresent() && !standard.orElseThrow().isMissingNode()) {
          collect(
              property.getValue(), standard.orElseThrow(), pointer.member(name), true, level + 1);
        }
      }
    }
    if (schema.path("additionalProperties").isObject()) {
      for (var member : value.properties()) {
        if (!properties.has(member.getKey())) {
          collect(
              schema.get("additionalProperties"),
              member.getValue(),
              pointer.member(member.getKey()),
              false,
              level + 1);
        }
      }
    }
  }
}
