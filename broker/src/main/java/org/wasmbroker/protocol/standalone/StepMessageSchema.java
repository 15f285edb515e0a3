package org.wasmbroker.protocol.standalone;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
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
import org.wasmbroker.step.Document;
import org.wasmbroker.step.JsonNesting;
import org.wasmbroker.step.SafeText;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The schema of messages, which explains why one is refused. Thread-safe. */
public final class StepMessageSchema {
  private static final DocumentReader JSON =
      new DocumentReader(Syntax.JSON, Integer.MAX_VALUE, JsonNesting.MAX_DEPTH).withoutPositions();
  private static final Location MESSAGE = Location.of("");
  private static final int MAX_PROBLEMS = 5;
  private static final int MAX_PROBLEM_LENGTH = 300;

  private final Schema schema;
  private final Set<String> members;

  public StepMessageSchema() {
    var tree = tree();
    this.schema =
        SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12).getSchema(tree);
    this.members = new TreeSet<>(tree.get("properties").propertyNames());
  }

  /** The problems of the message; empty if it is a valid step. */
  public List<Problem> problems(Document message) {
    var document = JSON.read("", message.bytes());
    if (!document.hasProblems() && document.root().isMissingNode()) {
      document.problem("is empty");
    }
    return document.hasProblems() ? document.problems() : schemaProblems(document.root());
  }

  private List<Problem> schemaProblems(JsonNode message) {
    try {
      return schema.validate(message).stream()
          .map(this::problem)
          .distinct()
          .limit(MAX_PROBLEMS)
          .toList();
    } catch (JacksonException e) {
      // The validator fails on numbers that do not fit a long; such a message is not a valid step
      // anyway.
      return List.of(problem("", "cannot be checked: " + e.getOriginalMessage()));
    }
  }

  private Problem problem(Error error) {
    var location = error.getInstanceLocation().toString();
    var property = error.getProperty();
    return "additionalProperties".equals(error.getKeyword()) && property != null
        ? problem(location + "/" + property, Names.unknownMember(property, members))
        : problem(location, error.getMessage());
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
