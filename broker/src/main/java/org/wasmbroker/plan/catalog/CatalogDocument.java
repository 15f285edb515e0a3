package org.wasmbroker.plan.catalog;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.grant.GrantsDescription;
import org.wasmbroker.registry.release.Example;
import org.wasmbroker.registry.release.Example.Expectation;
import org.wasmbroker.registry.release.Manifest;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Document;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The handlers with everything that is known of them, as one JSON document. */
public final class CatalogDocument {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  /** The members of a step document that an example is about. */
  private static final List<String> EXAMPLE_PARTS =
      List.of("config", "context", "deps", "prev", "checkpoint");

  private CatalogDocument() {}

  /**
   * @param policy the digest of the policy in force, or null if there is none
   * @param problems why some handlers are not shown
   */
  public static ObjectNode of(
      List<HandlerEntry> entries, @Nullable Digest policy, List<String> problems) {
    var document = NODES.objectNode();
    document.put("policy", policy == null ? null : policy.hex());
    var handlers = document.putArray("handlers");
    var manifests = entries.stream().map(HandlerEntry::manifest).toList();
    entries.forEach(entry -> handlers.add(handler(entry, manifests)));
    document.set("problems", plain(problems));
    return document;
  }

  static ObjectNode handler(HandlerEntry entry, List<Manifest> others) {
    var manifest = entry.manifest();
    var handler = NODES.objectNode();
    handler.put("name", manifest.name());
    handler.put("version", manifest.version().toString());
    handler.set("versions", plain(entry.versions()));
    handler.put("origin", entry.origin());
    handler.put("source", entry.source());
    handler.put("state", entry.state());
    handler.put("reason", entry.reason());
    handler.put("description", manifest.description());
    handler.set("use_when", plain(manifest.guidance().useWhen()));
    handler.set("avoid_when", plain(manifest.guidance().avoidWhen()));
    var configuration = handler.putObject("configuration");
    configuration.set("members", members(manifest));
    configuration.set("schema", schema(manifest.configSchema()));
    handler.set("input_schema", schema(manifest.inputSchema()));
    handler.set("output_schema", schema(outputSchema(manifest)));
    handler.set(
        "errors",
        manifest.errors() == null ? NODES.arrayNode() : JSON.readTree(manifest.errors().bytes()));
    handler.set("resources", resources(manifest));
    handler.set("reach", reach(entry));
    var composition = handler.putObject("composition");
    composition.set("hints", plain(manifest.guidance().composition()));
    composition.set("takes_results_by", plain(Compositions.takes(manifest)));
    composition.set("result_as_prev_of", plain(Compositions.fits(manifest, others)));
    var examples = handler.putArray("examples");
    manifest.examples().forEach(example -> examples.add(example(example)));
    return handler;
  }

  static @Nullable Document outputSchema(Manifest manifest) {
    return manifest.outputSchema() == null ? null : manifest.outputSchema().source();
  }

  private static JsonNode schema(@Nullable Document schema) {
    return schema == null ? NODES.nullNode() : Schemas.tree(schema);
  }

  /** The members of the configuration, so that nobody has to read a schema for them. */
  static ArrayNode members(Manifest manifest) {
    var root = Schemas.tree(manifest.configSchema());
    var required = Schemas.required(root);
    var members = NODES.arrayNode();
    for (var property : root.path("properties").properties()) {
      var schema = Schemas.resolve(root, property.getValue()).orElse(property.getValue());
      var member = members.addObject().put("name", property.getKey());
      var types = Schemas.types(root, schema);
      member.set(
          "types",
          plain(types.size() == Schemas.TYPES.size() ? List.of("any") : List.copyOf(types)));
      member.put("required", required.contains(property.getKey()));
      if (schema.has("default")) {
        member.set("default", schema.get("default"));
      }
      if (schema.has("enum")) {
        member.set("allowed", schema.get("enum"));
      }
      var described = property.getValue().has("description") ? property.getValue() : schema;
      member.set(
          "description",
          described.path("description").asString("").isEmpty()
              ? NODES.nullNode()
              : described.get("description"));
    }
    return members;
  }

  private static ObjectNode resources(Manifest manifest) {
    var resources = NODES.objectNode();
    resources.put("memory_bytes", manifest.memoryBytes());
    resources.put("timeout_ms", manifest.timeout() == null ? null : manifest.timeout().toMillis());
    var resourceClass = manifest.capabilities().resourceClass();
    resources.put("class", resourceClass == null ? null : resourceClass.text());
    return resources;
  }

  private static JsonNode reach(HandlerEntry entry) {
    var reach = new LinkedHashMap<String, Object>();
    reach.put("rules", entry.explanation().granted().rules());
    reach.putAll(
        GrantsDescription.effective(entry.explanation().granted().table(), entry.grants()));
    reach.put("limits", GrantsDescription.limits(entry.grants()));
    reach.put("demands", entry.demands());
    reach.put("why_not_more", entry.explanation().differences());
    return plain(reach);
  }

  private static ObjectNode example(Example example) {
    var node = NODES.objectNode().put("name", example.name());
    var document = JSON.readTree(example.input().bytes());
    for (var part : EXAMPLE_PARTS) {
      var value = document.path(part);
      if (!value.isMissingNode() && !value.isNull() && !(value.isContainer() && value.isEmpty())) {
        node.set(part, value);
      }
    }
    var expect = node.putObject("expect");
    switch (example.expect()) {
      case Expectation.Result(var value) -> expect.set("result", JSON.readTree(value.bytes()));
      case Expectation.Failure(var type, var message, var code, var retryable) -> {
        var error = new LinkedHashMap<String, Object>(Map.of("type", type));
        putIf(error, "message", message);
        putIf(error, "code", code);
        putIf(error, "retryable", retryable);
        expect.set("error", plain(error));
      }
    }
    return node;
  }

  private static void putIf(Map<String, Object> map, String name, @Nullable Object value) {
    if (value != null) {
      map.put(name, value);
    }
  }

  static JsonNode plain(Object value) {
    return JSON.valueToTree(value instanceof List<?> list ? new ArrayList<>(list) : value);
  }
}
