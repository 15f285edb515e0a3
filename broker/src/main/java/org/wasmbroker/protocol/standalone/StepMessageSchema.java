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
import org.wasmbroker.step.Document;
import org.wasmbroker.step.JsonNesting;
import org.wasmbroker.step.NearestName;
import org.wasmbroker.step.SafeText;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The schema of messages, which says why one is refused. Thread-safe. */
public final class StepMessageSchema {
  /** Reads numbers as they stand, and no member twice. */
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();

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

  /** What is wrong with the message, a sentence each; nothing when it is a step. */
  public List<String> problems(Document message) {
    if (JsonNesting.isDeeperThan(message.bytes(), JsonNesting.MAX_DEPTH)) {
      return List.of("nested in more than %d levels".formatted(JsonNesting.MAX_DEPTH));
    }
    JsonNode tree;
    try {
      tree = JSON.readTree(message.bytes());
    } catch (JacksonException e) {
      return List.of(
          "not JSON that can be read: " + SafeText.sanitize(e.getOriginalMessage(), 200));
    } catch (NumberFormatException e) {
      return List.of("not JSON that can be read: a number has too large an exponent");
    }
    try {
      return schema.validate(tree).stream()
          .map(this::message)
          .distinct()
          .limit(MAX_PROBLEMS)
          .toList();
    } catch (JacksonException e) {
      // The validator stumbles over numbers that fit no long; such a message is no step either way.
      return List.of(
          "not to be checked: " + SafeText.sanitize(e.getOriginalMessage(), MAX_PROBLEM_LENGTH));
    }
  }

  private String message(Error error) {
    var where = error.getInstanceLocation().toString();
    var what =
        "additionalProperties".equals(error.getKeyword()) && error.getProperty() != null
            ? unknown(error.getProperty())
            : error.getMessage();
    return SafeText.sanitize(where.isEmpty() ? what : where + ": " + what, MAX_PROBLEM_LENGTH);
  }

  private String unknown(String member) {
    return NearestName.of(member, members)
        .map(near -> "unknown member '%s', did you mean '%s'?".formatted(member, near))
        .orElseGet(() -> "unknown member '%s', known are %s".formatted(member, members));
  }

  private static JsonNode tree() {
    try (var resource = StepMessageSchema.class.getResourceAsStream("step-message.schema.json")) {
      return JSON.readTree(Objects.requireNonNull(resource, "the jar holds the message schema"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
