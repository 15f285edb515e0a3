package org.wasmbroker.oci;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.document.DocumentReader;
import org.wasmbroker.document.DocumentReader.Syntax;
import org.wasmbroker.document.DocumentValue;
import org.wasmbroker.document.ObjectReader;
import org.wasmbroker.document.ParsedDocument;
import org.wasmbroker.document.Problem;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The JSON of manifests and indexes. Members that are not known are passed over, as the
 * specification wants it. What is written has its members in a fixed order and no spaces, so that
 * equal content has equal bytes.
 */
final class ManifestJson {
  static final int MAX_BYTES = 4 << 20;
  static final int MAX_DESCRIPTORS = 10_000;
  private static final int MAX_DEPTH = 32;
  private static final int MAX_ANNOTATIONS = 1000;
  private static final DocumentReader READER =
      new DocumentReader(Syntax.JSON, MAX_BYTES, MAX_DEPTH).withoutPositions();

  private ManifestJson() {}

  /**
   * @param what for the message, such as {@code the manifest of …}
   * @throws OciException if it is not a JSON object without duplicate members
   */
  static ParsedDocument parse(String what, byte[] bytes) {
    var document = READER.read("", bytes);
    if (!document.hasProblems() && !document.root().isObject()) {
      document.problem("must be a JSON object");
    }
    requireValid(what, document);
    return document;
  }

  static void requireValid(String what, ParsedDocument document) {
    if (document.hasProblems()) {
      throw new OciException(
          OciException.Kind.PROTOCOL, what + " is not valid: " + Problem.join(document.problems()));
    }
  }

  static String mediaType(ObjectReader root, String assumed) {
    var mediaType = root.string("mediaType");
    return mediaType == null ? assumed : mediaType;
  }

  static List<Descriptor> descriptors(ObjectReader root, String name) {
    if (!root.has(name)) {
      root.problem(name, "is missing");
    }
    return root.array(name, MAX_DESCRIPTORS, ManifestJson::descriptor);
  }

  static @Nullable Descriptor descriptor(ObjectReader root, String name) {
    var member = root.member(name);
    return member == null || member.json().isNull() ? null : descriptor(member).orElse(null);
  }

  private static Optional<Descriptor> descriptor(DocumentValue value) {
    var object = value.object();
    var mediaType = object.string("mediaType");
    var digest = object.value("digest", Descriptor::digest);
    var size = object.integer("size", 0, Long.MAX_VALUE);
    if (mediaType == null || digest == null || size == null) {
      value.problem("must have a mediaType, a digest and a size");
      return Optional.empty();
    }
    return Optional.of(
        new Descriptor(
            mediaType, digest, size, object.string("artifactType"), annotations(object)));
  }

  static Map<String, String> annotations(ObjectReader object) {
    var read = new TreeMap<String, String>();
    var member = object.member("annotations");
    if (member == null || member.json().isNull()) {
      return read;
    }
    if (member.json().size() > MAX_ANNOTATIONS) {
      member.problem("has more than " + MAX_ANNOTATIONS + " members");
      return read;
    }
    member
        .object()
        .entries()
        .forEach(
            (name, value) -> {
              if (value.isText()) {
                read.put(name, value.json().stringValue());
              } else {
                value.problem("must be a string");
              }
            });
    return read;
  }

  static ObjectNode object(String mediaType, @Nullable String artifactType) {
    var json = JsonNodeFactory.instance.objectNode();
    json.put("schemaVersion", 2).put("mediaType", mediaType);
    if (artifactType != null) {
      json.put("artifactType", artifactType);
    }
    return json;
  }

  static ObjectNode write(Descriptor descriptor) {
    var json = JsonNodeFactory.instance.objectNode();
    json.put("mediaType", descriptor.mediaType())
        .put("digest", Descriptor.text(descriptor.digest()))
        .put("size", descriptor.size());
    if (descriptor.artifactType() != null) {
      json.put("artifactType", descriptor.artifactType());
    }
    writeAnnotations(json, descriptor.annotations());
    return json;
  }

  static ArrayNode write(List<Descriptor> descriptors) {
    var json = JsonNodeFactory.instance.arrayNode();
    descriptors.forEach(descriptor -> json.add(write(descriptor)));
    return json;
  }

  static void writeAnnotations(ObjectNode json, Map<String, String> annotations) {
    if (!annotations.isEmpty()) {
      var object = json.putObject("annotations");
      annotations.forEach(object::put);
    }
  }
}
