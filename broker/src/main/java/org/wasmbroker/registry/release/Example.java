package org.wasmbroker.registry.release;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.Document;

/**
 * What a handler makes of an input, as its manifest says: documentation that can be run.
 *
 * @param name unique in its manifest
 * @param input the step document
 */
public record Example(String name, Document input, Expectation expect) {

  /** How the step ends. */
  public sealed interface Expectation {
    /** With this result, compared as JSON: numbers by value, members in any order. */
    record Result(Document value) implements Expectation {}

    /** With this error; what is null is not compared. */
    record Failure(
        String type, @Nullable String message, @Nullable String code, @Nullable Boolean retryable)
        implements Expectation {}
  }
}
