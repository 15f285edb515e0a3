package org.wasmbroker.document;

import java.util.Collection;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One thing that is wrong with a document or a setting.
 *
 * @param subject what it is about: a JSON Pointer, or a setting with its value; empty for the whole
 *     document
 * @param message what is wrong and what is allowed, a phrase that follows the subject
 */
public record Problem(Location location, String subject, String message) {
  private static final int MAX_JOINED = 5;

  public static Problem of(Location location, JsonPointer pointer, String message) {
    return new Problem(location, pointer.display(), message);
  }

  /** The first few of them in one line, and the number of the others. */
  public static String join(Collection<Problem> problems) {
    var first =
        problems.stream()
            .limit(MAX_JOINED)
            .map(Problem::toString)
            .collect(Collectors.joining("; "));
    return problems.size() <= MAX_JOINED
        ? first
        : first + "; and " + (problems.size() - MAX_JOINED) + " more problems";
  }

  /** {@code location: subject: message}, without the parts that are empty. */
  @Override
  public String toString() {
    return Stream.of(location.toString(), subject, message)
        .filter(part -> !part.isEmpty())
        .collect(Collectors.joining(": "));
  }
}
