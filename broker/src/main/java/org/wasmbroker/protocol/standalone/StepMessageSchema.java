package org.wasmbroker.protocol.standalone;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.wasmbroker.document.DocumentReader;
import org.wasmbroker.document.DocumentReader.Syntax;
import org.wasmbroker.document.Location;
import org.wasmbroker.document.Names;
import org.wasmbroker.document.Problem;
import org.wasmbroker.schema.JsonSchema;
import org.wasmbroker.schema.SchemaViolation;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.JsonNesting;
import org.wasmbroker.step.SafeText;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The schema of messages, which explains why one is refused. Thread-safe. */
public final class StepMessageSchema {
  private static final DocumentReader JSON =
      new DocumentReader(Syntax.JSON, Integer.MAX_VALUE, JsonNesting.MAX_DEPTH).withoutPositions();
  private static final Location MESSAGE = Location.of("");
  private static final int MAX_PROBLEM_LENGTH = 300;

  private final JsonSchema schema;
  private final Set<String> members;

  public StepMessageSchema() {
    var tree = tree();
    this.schema = JsonSchema.of(tree);
    this.members = new TreeSet<>(tree.get("properties").propertyNames());
  }

  /** The problems of the message; empty if it is a valid step. */
  public List<Problem> problems(Document message) {
    var document = JSON.read("", message.bytes());
    if (!document.hasProblems() && document.root().isMissingNode()) {
      document.problem("is empty");
    }
    return document.hasProblems()
        ? document.problems()
        : schema.violations(message).stream().map(this::problem).distinct().toList();
  }

  private Problem problem(SchemaViolation violation) {
    var pointer = violation.pointer();
    var name = pointer.substring(pointer.lastIndexOf('/') + 1);
    return violation.keyword().equals("additionalProperties")
        ? problem(pointer, Names.unknownMember(name, members))
        : problem(pointer, violation.message());
  }

  private static Problem problem(String pointer, String message) {
    return new Problem(
        MESSAGE,
        SafeText.sanitize(pointer, MAX_PROBLEM_LENGTH),
        SafeText.sanitize(message, MAX_PROBLEM_LENGTH));
  }

  private static JsonNode tree() {
    try (var resource = StepMessageSchema.class.getResourceAsStream("step-message.schema.json")) {
      return JsonMapper.shared()
          .readTree(Objects.requireNonNull(resource, "the jar contains the message schema"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
