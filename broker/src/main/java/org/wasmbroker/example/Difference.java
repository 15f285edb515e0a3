package org.wasmbroker.example;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.document.JsonPointer;
import org.wasmbroker.step.SafeText;
import tools.jackson.databind.JsonNode;

/**
 * One place at which an outcome is not the expected one.
 *
 * @param at where in the outcome, which has the member {@code result} or {@code error}
 * @param expected what should be there, or null if nothing should
 * @param actual what is there, or null if nothing is
 */
public record Difference(JsonPointer at, @Nullable JsonNode expected, @Nullable JsonNode actual) {
  private static final int MAX_VALUE_CHARS = 200;

  /** The expected value for people, on one line; {@code nothing} if there should be none. */
  public String expectedText() {
    return text(expected);
  }

  /** The actual value for people, on one line; {@code nothing} if there is none. */
  public String actualText() {
    return text(actual);
  }

  private static String text(@Nullable JsonNode value) {
    return value == null ? "nothing" : SafeText.sanitize(value.toString(), MAX_VALUE_CHARS);
  }

  /** {@code /result/total: expected 3, was 4}. */
  @Override
  public String toString() {
    return "%s: expected %s, was %s".formatted(at.display(), expectedText(), actualText());
  }
}
