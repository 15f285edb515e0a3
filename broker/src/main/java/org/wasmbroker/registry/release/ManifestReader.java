package org.wasmbroker.registry.release;

import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.document.DocumentReader;
import org.wasmbroker.document.DocumentReader.Syntax;
import org.wasmbroker.document.Names;
import org.wasmbroker.document.ObjectReader;
import org.wasmbroker.document.Problem;
import org.wasmbroker.grant.RequestedCapabilities;
import org.wasmbroker.grant.ResourceClassName;
import org.wasmbroker.schema.JsonSchema;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.SafeText;
import org.wasmbroker.step.Version;
import tools.jackson.databind.JsonNode;

/**
 * Reads a manifest strictly: unknown members, wrong types, and a handler or version other than that
 * of its directory are refused.
 */
public final class ManifestReader {
  /** Schemas are compiled and printed recursively, on threads with the JVM's stack. */
  private static final int MAX_DEPTH = 100;

  private static final DocumentReader JSON = new DocumentReader(Syntax.JSON, 1 << 20, MAX_DEPTH);
  private static final long MIN_MEMORY_BYTES = 64 << 10;
  private static final int MAX_DESCRIPTION_LENGTH = 1000;

  private final ObjectReader root;

  private ManifestReader(ObjectReader root) {
    this.root = root;
  }

  /**
   * @throws ModuleSourceException if the document is not a valid manifest of that handler and
   *     version, with all problems
   */
  public static Manifest read(Document document, ReleaseId id, String location) {
    var parsed = JSON.read("", document.bytes());
    if (!parsed.hasProblems()) {
      if (parsed.root().isObject()) {
        var manifest = new ManifestReader(parsed.object()).read(id);
        if (!parsed.hasProblems()) {
          return manifest;
        }
      } else {
        parsed.problem("must be a JSON object");
      }
    }
    throw new ModuleSourceException(
        "%s: %s: %s"
            .formatted(
                location,
                id.handler() + "/" + id.version() + "/manifest.json",
                Problem.join(parsed.problems())),
        null);
  }

  /**
   * The handler and version that a manifest is of, for one that no directory or tag names.
   *
   * @throws ModuleSourceException if it does not say so
   */
  public static ReleaseId identify(Document document, String location) {
    var parsed = JSON.read("", document.bytes());
    if (!parsed.hasProblems()) {
      if (parsed.root().isObject()) {
        var root = parsed.object();
        var name = required(root, "name", text -> new HandlerRef(text, null).name());
        var version = required(root, "version", Version::parse);
        if (name != null && version != null) {
          return new ReleaseId(name, version);
        }
      } else {
        parsed.problem("must be a JSON object");
      }
    }
    throw new ModuleSourceException(
        "%s: manifest.json: %s".formatted(location, Problem.join(parsed.problems())), null);
  }

  private static <T> @Nullable T required(
      ObjectReader root, String name, Function<String, T> parse) {
    if (!root.has(name)) {
      root.problem(name, "is missing");
      for (var member : root.entries().keySet()) {
        var meant = Names.nearest(member, List.of(name));
        if (!meant.isEmpty()) {
          root.problem(member, "is unknown" + meant);
        }
      }
    }
    return root.value(name, parse);
  }

  private Manifest read(ReleaseId id) {
    require("name", id.handler(), "the directory's name");
    require("version", id.version().toString(), "the directory's name");
    require("abi", "1", "the ABI that this broker speaks");
    var description = root.string("description");
    var configSchema = schema("config_schema");
    var inputSchema = schema("input_schema");
    var outputSchema = outputSchema();
    var capabilities = root.object("capabilities");
    var resources = root.object("resources");
    var memoryBytes = resources.integer("memory_bytes", MIN_MEMORY_BYTES, Long.MAX_VALUE);
    var timeout = resources.integer("timeout_ms", 1, Long.MAX_VALUE);
    var resourceClass = resources.value("class", ResourceClassName::new);
    resources.finish();
    var errors = document(root.json("errors", JsonNode::isArray, "an array"));
    var examples = ExampleReader.read(root, id);
    var guidance = Guidance.read(root);
    root.finish();
    return new Manifest(
        id.handler(),
        id.version(),
        description == null ? null : SafeText.sanitize(description, MAX_DESCRIPTION_LENGTH),
        configSchema,
        inputSchema,
        outputSchema,
        root.has("capabilities")
            ? RequestedCapabilities.read(Capabilities.STANDARD, capabilities, resourceClass)
            : RequestedCapabilities.defaults(Capabilities.STANDARD, resourceClass),
        memoryBytes,
        timeout == null ? null : Duration.ofMillis(timeout),
        errors,
        examples,
        guidance);
  }

  private void require(String name, String expected, String reason) {
    if (!root.has(name)) {
      root.problem(name, "is missing; must be '%s', %s".formatted(expected, reason));
    }
    var value = root.string(name);
    if (value != null && !value.equals(expected)) {
      root.problem(
          name,
          "must be '%s', %s, was '%s'".formatted(expected, reason, SafeText.sanitize(value, 100)));
    }
  }

  private @Nullable Document schema(String name) {
    return document(
        root.json(
            name,
            json -> json.isObject() || json.isBoolean(),
            "a JSON Schema, an object or a boolean"));
  }

  /** Results are checked against it, so an unusable one makes the module unusable. */
  private @Nullable JsonSchema outputSchema() {
    var document = schema("output_schema");
    if (document == null) {
      return null;
    }
    var schema = JsonSchema.of(document);
    if (schema.compileError() != null) {
      root.problem("output_schema", "cannot be used: " + schema.compileError());
    }
    return schema;
  }

  private static @Nullable Document document(@Nullable JsonNode json) {
    return json == null ? null : Document.of(json.toString());
  }
}
