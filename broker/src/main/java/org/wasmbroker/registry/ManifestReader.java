package org.wasmbroker.registry;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.grant.RequestedCapabilities;
import org.wasmbroker.grant.ResourceClassName;
import org.wasmbroker.registry.ModuleSource.Entry;
import org.wasmbroker.schema.JsonSchema;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.SafeText;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads a manifest and refuses what is not one: unknown members, wrong types, another handler or
 * version than its place says. Messages name the file, the member as a JSON pointer, and what to
 * do.
 */
final class ManifestReader {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();
  private static final long LEAST_MEMORY = 64 << 10;

  private final String file;

  private ManifestReader(String file) {
    this.file = file;
  }

  /**
   * @throws ModuleSourceException if the document is no manifest of that handler and version
   */
  static Manifest read(Document document, Entry entry, String location) {
    return new ManifestReader(location + ": " + ModulePaths.manifest(entry)).read(document, entry);
  }

  private Manifest read(Document document, Entry entry) {
    var root = parse(document);
    onlyMembers(
        root,
        "",
        "name",
        "version",
        "abi",
        "description",
        "config_schema",
        "input_schema",
        "output_schema",
        "capabilities",
        "resources",
        "errors");
    mustBe(root, "name", entry.handler(), "the directory's name");
    mustBe(root, "version", entry.version().toString(), "the directory's name");
    mustBe(root, "abi", "1", "the ABI that this broker speaks");
    var resources = member(root, "resources", "/resources", JsonNode::isObject, "an object");
    if (resources != null) {
      onlyMembers(resources, "/resources", "memory_bytes", "timeout_ms", "class");
    }
    var timeout = resources == null ? null : number(resources, "timeout_ms", 1);
    return new Manifest(
        entry.handler(),
        entry.version(),
        description(root),
        schema(root, "config_schema"),
        schema(root, "input_schema"),
        outputSchema(root),
        capabilities(root, resources),
        resources == null ? null : number(resources, "memory_bytes", LEAST_MEMORY),
        timeout == null ? null : Duration.ofMillis(timeout),
        raw(root, "errors", JsonNode::isArray, "an array"));
  }

  private RequestedCapabilities capabilities(JsonNode root, @Nullable JsonNode resources) {
    var asked = member(root, "capabilities", "/capabilities", JsonNode::isObject, "an object");
    var size = resources == null ? null : resourceClass(resources);
    try {
      return CapabilitiesReader.read(asked, size);
    } catch (IllegalArgumentException wrong) {
      throw problem("", String.valueOf(wrong.getMessage()));
    }
  }

  private @Nullable ResourceClassName resourceClass(JsonNode resources) {
    var pointer = "/resources/class";
    var node = member(resources, "class", pointer, JsonNode::isString, "a string");
    try {
      return node == null ? null : new ResourceClassName(node.stringValue());
    } catch (IllegalArgumentException wrong) {
      throw problem(pointer, String.valueOf(wrong.getMessage()));
    }
  }

  private JsonNode parse(Document document) {
    JsonNode root;
    try {
      root = JSON.readTree(document.bytes());
    } catch (JacksonException broken) {
      var at = broken.getLocation();
      throw problem(
          "",
          "is not JSON: %s (line %d, column %d)"
              .formatted(
                  SafeText.sanitize(broken.getOriginalMessage(), 300),
                  at == null ? 0 : at.getLineNr(),
                  at == null ? 0 : at.getColumnNr()));
    }
    if (!root.isObject()) {
      throw problem("", "must be a JSON object");
    }
    return root;
  }

  private void onlyMembers(JsonNode object, String pointer, String... known) {
    for (var name : object.propertyNames()) {
      if (!List.of(known).contains(name)) {
        throw problem(
            pointer + "/" + SafeText.sanitize(name, 60),
            "is unknown; the members are " + String.join(", ", Arrays.asList(known)));
      }
    }
  }

  private void mustBe(JsonNode root, String name, String expected, String because) {
    var node = member(root, name, "/" + name, JsonNode::isString, "a string");
    if (node == null) {
      throw problem("/" + name, "is missing; it must be \"" + expected + "\", " + because);
    }
    if (!node.stringValue().equals(expected)) {
      throw problem(
          "/" + name,
          "is \"%s\" and must be \"%s\", %s"
              .formatted(SafeText.sanitize(node.stringValue(), 100), expected, because));
    }
  }

  private @Nullable String description(JsonNode root) {
    var node = member(root, "description", "/description", JsonNode::isString, "a string");
    return node == null ? null : SafeText.sanitize(node.stringValue(), 1000);
  }

  private @Nullable Document schema(JsonNode root, String name) {
    return raw(
        root,
        name,
        node -> node.isObject() || node.isBoolean(),
        "a JSON Schema, an object or a boolean");
  }

  /** Which results are checked against, so that one that cannot be used refuses the module. */
  private @Nullable JsonSchema outputSchema(JsonNode root) {
    var written = schema(root, "output_schema");
    if (written == null) {
      return null;
    }
    var schema = JsonSchema.of(written);
    if (schema.compileError() != null) {
      throw problem("/output_schema", "cannot be used: " + schema.compileError());
    }
    return schema;
  }

  private @Nullable Document raw(JsonNode root, String name, Check check, String expected) {
    var node = member(root, name, "/" + name, check, expected);
    return node == null ? null : Document.of(node.toString());
  }

  private @Nullable Long number(JsonNode resources, String name, long least) {
    var pointer = "/resources/" + name;
    var node =
        member(
            resources,
            name,
            pointer,
            value -> value.isIntegralNumber() && value.canConvertToLong(),
            "a whole number");
    if (node == null) {
      return null;
    }
    if (node.longValue() < least) {
      throw problem(pointer, "must be at least " + least + ", was " + node.longValue());
    }
    return node.longValue();
  }

  private @Nullable JsonNode member(
      JsonNode object, String name, String pointer, Check check, String expected) {
    var node = object.get(name);
    if (node == null) {
      return null;
    }
    if (!check.holds(node)) {
      throw problem(pointer, "must be " + expected);
    }
    return node;
  }

  private ModuleSourceException problem(String pointer, String what) {
    return new ModuleSourceException(
        file + (pointer.isEmpty() ? " " : " " + pointer + " ") + what, null);
  }

  private interface Check {
    boolean holds(JsonNode node);
  }
}
