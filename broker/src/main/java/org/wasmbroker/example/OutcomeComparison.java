package org.wasmbroker.example;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.document.DocumentReader;
import org.wasmbroker.document.DocumentReader.Syntax;
import org.wasmbroker.document.JsonPointer;
import org.wasmbroker.document.Problem;
import org.wasmbroker.registry.release.Example.Expectation;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.StepError;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Compares outcomes as documents that have either {@code result} or {@code error}. */
public final class OutcomeComparison {
  /** Results have passed the limits on output and depth when they get here. */
  private static final DocumentReader JSON =
      new DocumentReader(Syntax.JSON, Integer.MAX_VALUE, 1000).withoutPositions();

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private OutcomeComparison() {}

  static List<Difference> of(Expectation expectation, Outcome outcome) {
    var expected = expected(expectation);
    var actual = actual(outcome);
    if (expected.has("result") != actual.has("result")) {
      return List.of(new Difference(JsonPointer.ROOT, expected, actual));
    }
    if (expectation instanceof Expectation.Failure) {
      actual.withObject("error").retain(expected.get("error").propertyNames());
    }
    return JsonDifferences.between(JsonPointer.ROOT, expected, actual);
  }

  private static ObjectNode expected(Expectation expectation) {
    var expected = NODES.objectNode();
    switch (expectation) {
      case Expectation.Result(var value) -> expected.set("result", read(value));
      case Expectation.Failure failure ->
          expected.set(
              "error",
              error(failure.type(), failure.message(), failure.code(), failure.retryable()));
    }
    return expected;
  }

  /** The outcome as a document, in the form in which a manifest expects it. */
  public static ObjectNode actual(Outcome outcome) {
    var actual = NODES.objectNode();
    switch (outcome) {
      case Outcome.Completed completed -> actual.set("result", read(completed.result()));
      case Outcome.Failed failed -> actual.set("error", error(failed.error()));
      case Outcome.Retry retry -> actual.set("error", error(retry.error()));
    }
    return actual;
  }

  private static ObjectNode error(StepError error) {
    return error(error.type(), error.message(), error.code(), error.retryable());
  }

  private static ObjectNode error(
      String type, @Nullable String message, @Nullable String code, @Nullable Boolean retryable) {
    var error = NODES.objectNode();
    error.put("type", type);
    if (message != null) {
      error.put("message", message);
    }
    if (code != null) {
      error.put("code", code);
    }
    if (retryable != null) {
      error.put("retryable", retryable);
    }
    return error;
  }

  private static JsonNode read(Document document) {
    var parsed = JSON.read("", document.bytes());
    if (parsed.hasProblems()) {
      throw new IllegalStateException(
          "a result that was checked cannot be read: " + Problem.join(parsed.problems()));
    }
    return Objects.requireNonNull(parsed.root());
  }
}
