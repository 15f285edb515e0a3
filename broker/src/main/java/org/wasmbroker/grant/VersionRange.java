package org.wasmbroker.grant;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.wasmbroker.step.SafeText;
import org.wasmbroker.step.Version;

/**
 * Versions of a handler: {@code *} for all, {@code 1}, {@code 1.2} or {@code 1.2.3} for those with
 * that beginning, or bounds that must all be met, such as {@code >=1.2 <2}.
 */
public record VersionRange(String text) {
  private static final Pattern BOUND =
      Pattern.compile("(>=|<=|>|<)?((?:0|[1-9][0-9]{0,8})(?:\\.(?:0|[1-9][0-9]{0,8})){0,2})");
  private static final Pattern SPACES = Pattern.compile(" +");
  private static final int MAX_LENGTH = 200;

  public static final VersionRange ALL = new VersionRange("*");

  /**
   * @throws IllegalArgumentException if it is not a valid range; the message says why
   */
  public VersionRange {
    text = text.strip();
    if (!text.equals("*")) {
      var _ = bounds(text);
    }
  }

  private record Bound(String operator, String number) {
    boolean matches(Version version) {
      return switch (operator) {
        case ">=" -> version.compareTo(fullVersion()) >= 0;
        case "<" -> version.compareTo(fullVersion()) < 0;
        case ">" -> version.compareTo(fullVersion()) > 0;
        case "<=" -> version.compareTo(fullVersion()) <= 0;
        default -> version.matches(number);
      };
    }

    private boolean isComplete() {
      return number.chars().filter(c -> c == '.').count() == 2;
    }

    /** Missing numbers are 0. */
    private Version fullVersion() {
      var missing = isComplete() ? "" : number.indexOf('.') < 0 ? ".0.0" : ".0";
      return Version.parse(number + missing);
    }
  }

  private static List<Bound> bounds(String text) {
    var bounds = new ArrayList<Bound>();
    for (var word : SPACES.split(text, -1)) {
      var parts = BOUND.matcher(word);
      if (text.length() > MAX_LENGTH || !parts.matches()) {
        throw new IllegalArgumentException(
            "versions are *, or a version such as 1.2, or bounds such as '>=1.2 <2', was '"
                + SafeText.sanitize(text, 100)
                + "'");
      }
      var bound = new Bound(parts.group(1) == null ? "" : parts.group(1), parts.group(2));
      if ((bound.operator.equals(">") || bound.operator.equals("<=")) && !bound.isComplete()) {
        throw new IllegalArgumentException(
            "'%s' is ambiguous for %s.1: give all three numbers, or use >= or <"
                .formatted(word, bound.number));
      }
      bounds.add(bound);
    }
    return bounds;
  }

  public boolean includes(Version version) {
    return text.equals("*") || bounds(text).stream().allMatch(bound -> bound.matches(version));
  }

  @Override
  public String toString() {
    return text;
  }
}
