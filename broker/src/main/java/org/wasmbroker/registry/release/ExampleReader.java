package org.wasmbroker.registry.release;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.document.DocumentValue;
import org.wasmbroker.document.ObjectReader;
import org.wasmbroker.registry.release.Example.Expectation;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.SafeText;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Reads a manifest's {@code examples}. */
final class ExampleReader {
  private static final int MAX_EXAMPLES = 100;
  private static final int MAX_NAME_LENGTH = 100;
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  /** The members of a step document that an example may give one by one. */
  private static final List<String> PARTS =
      List.of("config", "context", "deps", "prev", "checkpoint");

  private final ReleaseId id;
  private final Set<String> names = new HashSet<>();

  private ExampleReader(ReleaseId id) {
    this.id = id;
  }

  static List<Example> read(ObjectReader manifest, ReleaseId id) {
    var reader = new ExampleReader(id);
    return manifest.array("examples", MAX_EXAMPLES, reader::read);
  }

  private Optional<Example> read(DocumentValue value) {
    var example = value.object();
    var name = name(example);
    var input = input(example);
    var expectation = expectation(example);
    example.finish();
    return name == null || expectation == null
        ? Optional.empty()
        : Optional.of(new Example(name, input, expectation));
  }

  private @Nullable String name(ObjectReader example) {
    if (!example.has("name")) {
      example.problem("name", "is missing");
      return null;
    }
    return example.value(
        "name",
        name -> {
          if (name.isBlank() || !name.equals(SafeText.sanitize(name, MAX_NAME_LENGTH))) {
            throw new IllegalArgumentException(
                "must have 1 to %d printable characters".formatted(MAX_NAME_LENGTH));
          }
          if (!names.add(name)) {
            throw new IllegalArgumentException("is the name of another example, too");
          }
          return name;
        });
  }

  /** Either as a whole, or its parts around which the rest is the same for all examples. */
  private Document input(ObjectReader example) {
    var whole = example.json("input", JsonNode::isObject, "an object");
    var parts = new ArrayList<String>();
    var document = document();
    for (var part : PARTS) {
      var json = example.json(part, _ -> true, "any value");
      if (json != null) {
        parts.add(part);
        document.set(part, json);
      }
    }
    if (whole != null && !parts.isEmpty()) {
      example.problem("input", "is the whole document; leave out " + String.join(", ", parts));
    }
    return Document.of((whole == null ? document : whole).toString());
  }

  private ObjectNode document() {
    var none = "00000000-0000-0000-0000-000000000000";
    var document = NODES.objectNode();
    document
        .putObject("step")
        .put("step_uuid", none)
        .put("task_uuid", none)
        .put("correlation_id", none)
        .put("name", "example")
        .put("handler", id.handler())
        .put("attempt", 1)
        .put("max_attempts", 1)
        .putObject("inputs");
    document
        .putObject("task")
        .put("name", "example")
        .put("namespace", "default")
        .put("version", "1.0.0");
    document.putObject("config");
    document.putObject("context");
    document.putObject("deps");
    document.putNull("prev");
    document.putNull("checkpoint");
    return document;
  }

  private static @Nullable Expectation expectation(ObjectReader example) {
    if (!example.has("expect")) {
      example.problem("expect", "is missing: the result or the error that the example ends with");
      return null;
    }
    var expect = example.object("expect");
    var result = expect.json("result", _ -> true, "any value");
    var error = failure(expect);
    expect.finish();
    if (expect.has("result") == expect.has("error")) {
      expect.problem("must have exactly one of result and error");
      return null;
    }
    return result == null ? error : new Expectation.Result(Document.of(result.toString()));
  }

  private static @Nullable Expectation failure(ObjectReader expect) {
    var error = expect.object("error");
    var type = error.string("type");
    var message = error.string("message");
    var code = error.string("code");
    var retryable = error.json("retryable", JsonNode::isBoolean, "true or false");
    error.finish();
    if (expect.has("error") && !error.has("type")) {
      error.problem("type", "is missing");
    }
    return type == null
        ? null
        : new Expectation.Failure(
            type, message, code, retryable == null ? null : retryable.booleanValue());
  }
}
