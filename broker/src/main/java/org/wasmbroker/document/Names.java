package org.wasmbroker.document;

import java.util.Collection;
import java.util.stream.Collectors;
import org.wasmbroker.step.NearestName;
import org.wasmbroker.step.SafeText;

/** The messages about names that do not exist: one wording, with a suggestion. */
public final class Names {
  private static final int MAX_LISTED = 20;
  private static final int MAX_NAME_LENGTH = 60;

  private Names() {}

  /** The message about a member of an object that is not defined. */
  public static String unknownMember(String name, Collection<String> known) {
    return "is unknown" + suggest(name, known);
  }

  /**
   * The end of a message about a name that does not exist: {@code ; did you mean 'a'? (available:
   * a, b)}, or {@code ; available: a, b} if no name is similar.
   */
  public static String suggest(String name, Collection<String> available) {
    var near = nearest(name, available);
    return near.isEmpty()
        ? "; available: " + list(available)
        : near + " (available: " + list(available) + ")";
  }

  /** {@code ; did you mean 'a'?}, or nothing if no name is similar. */
  public static String nearest(String name, Collection<String> available) {
    return NearestName.of(name, available).map(near -> "; did you mean '" + near + "'?").orElse("");
  }

  /** The message about a value that is not one of those allowed. */
  public static String notOneOf(String value, Collection<String> allowed) {
    return "must be one of %s, was '%s'%s"
        .formatted(
            list(allowed), SafeText.sanitize(value, MAX_NAME_LENGTH), nearest(value, allowed));
  }

  /** The first of them, and the number of the others. */
  public static String list(Collection<?> names) {
    if (names.isEmpty()) {
      return "none";
    }
    var listed =
        names.stream().limit(MAX_LISTED).map(Object::toString).collect(Collectors.joining(", "));
    return names.size() <= MAX_LISTED
        ? listed
        : listed + " and " + (names.size() - MAX_LISTED) + " more";
  }
}
