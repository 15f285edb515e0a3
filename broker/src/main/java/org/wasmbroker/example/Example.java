package org.wasmbroker.example;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.Document;

/** A temporary copy. */
public record Example(String name, Document input, Expectation expect) {
  public sealed interface Expectation {
    record Result(Document value) implements Expectation {}

    record Failure(
        String type, @Nullable String message, @Nullable String code, @Nullable Boolean retryable)
        implements Expectation {}
  }
}
