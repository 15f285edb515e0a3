package org.wasmbroker.schema;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.schema.WorkBudget.UncheckableException;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.SafeText;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * An untrusted JSON Schema of any draft from 4 to 2020-12, looked over once. An unusable one
 * accepts every value; {@link #compileError} says why. References are followed within the schema
 * only, {@code format} is an annotation, numbers of any size count by their exact value. Without
 * {@code $schema} the dialect is draft 2020-12. A validation that would take more work than the
 * value's size warrants is reported as a problem of the value. The handlers of the catalog have a
 * twin of this package and come to the same verdicts. Thread-safe.
 */
public final class JsonSchema {
  private static final int MAX_PROBLEMS = 5;
  private static final int MAX_PROBLEM_LENGTH = 300;

  /** Larger values are validated up to their first problem only, since there could be many. */
  private static final int MAX_FULL_CHECK_BYTES = 64 << 10;

  private final Document source;
  private final @Nullable PreparedSchema prepared;
  private final @Nullable String compileError;

  private JsonSchema(
      Document source, @Nullable PreparedSchema prepared, @Nullable String compileError) {
    this.source = source;
    this.prepared = prepared;
    this.compileError = compileError;
  }

  /** Looks over the schema in a JSON document. */
  public static JsonSchema of(Document json) {
    try {
      return new JsonSchema(json, SchemaPreparation.prepare(JsonValue.parse(json)), null);
    } catch (InvalidSchemaException e) {
      return unusable(json, String.valueOf(e.getMessage()));
    } catch (JacksonException e) {
      return unusable(json, e.getOriginalMessage());
    }
  }

  public static JsonSchema of(JsonNode json) {
    return of(Document.of(json.toString()));
  }

  private static JsonSchema unusable(Document source, String message) {
    return new JsonSchema(source, null, SafeText.sanitize(message, MAX_PROBLEM_LENGTH));
  }

  /** The schema as it was given. */
  public Document source() {
    return source;
  }

  /** Why the schema cannot be used, without a subject; null if it can. */
  public @Nullable String compileError() {
    return compileError;
  }

  /** The first few problems of the value, a sentence each. */
  public List<String> validate(Document value) {
    return violations(value).stream()
        .map(violation -> SafeText.sanitize(violation.toString(), MAX_PROBLEM_LENGTH))
        .distinct()
        .toList();
  }

  /** Where the value violates the schema: the first few places. */
  public List<SchemaViolation> violations(Document value) {
    if (prepared == null) {
      return List.of();
    }
    try {
      return SchemaCheck.violations(
          prepared,
          JsonValue.parse(value),
          new WorkBudget(value.size()),
          value.size() <= MAX_FULL_CHECK_BYTES ? MAX_PROBLEMS : 1);
    } catch (JacksonException e) {
      return uncheckable(e.getOriginalMessage());
    } catch (UncheckableException e) {
      return uncheckable(String.valueOf(e.getMessage()));
    }
  }

  private static List<SchemaViolation> uncheckable(String reason) {
    return List.of(new SchemaViolation("", "", "the value cannot be checked: " + reason));
  }
}
