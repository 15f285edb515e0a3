package org.wasmbroker.step;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Versions of a handler: {@code *} for all, {@code 1}, {@code 1.2} or {@code 1.2.3} for those with
 * that beginning, or bounds that must all be met: {@code >=1.2 <2}; {@code ^1.2} for what is
 * compatible with it, {@code >=1.2 <2}; {@code ~1.2.3} for its patches, {@code >=1.2.3 <1.3}. Below
 * 1, what is compatible ends at the next number that is not 0.
 */
public final class VersionRange {
  static final String PART =
      "%1$s(?:\\.%1$s(?:\\.%1$s%2$s?)?)?".formatted(Version.NUMBER, Version.PRE_RELEASE);
  private static final Pattern BOUND = Pattern.compile("(>=|<=|>|<|\\^|~)?(" + PART + ")");
  private static final Pattern SPACES = Pattern.compile(" +");
  private static final Pattern DOT = Pattern.compile("\\.");
  static final int MAX_LENGTH = 200;

  public static final VersionRange ALL = new VersionRange("*");

  private final String text;
  private final List<Bound> bounds;

  /**
   * @throws IllegalArgumentException if it is not a valid range; the message says why
   */
  public VersionRange(String text) {
    this.text = text.strip();
    this.bounds = this.text.equals("*") ? List.of() : bounds(this.text);
  }

  /**
   * What one word of a range permits.
   *
   * @param lower null for no lower bound
   * @param upper null for no upper bound
   * @param named the version that the word names, if it is complete
   */
  private record Bound(@Nullable Limit lower, @Nullable Limit upper, @Nullable Version named) {
    boolean includes(Version version) {
      if (lower != null && lower.equals(upper)) {
        return lower.version().equals(version);
      }
      return (lower == null || lower.compare(version) <= (lower.inclusive() ? 0 : -1))
          && (upper == null || upper.compare(version) >= (upper.inclusive() ? 0 : 1));
    }

    boolean isAbout(Version preRelease) {
      return named != null && named.isPreRelease() && named.release().equals(preRelease.release());
    }
  }

  private record Limit(Version version, boolean inclusive) {
    /** A pre-release is where its release is, unless the limit itself is one. */
    int compare(Version other) {
      return Integer.signum(version.compareTo(version.isPreRelease() ? other : other.release()));
    }
  }

  private static List<Bound> bounds(String text) {
    var bounds = new ArrayList<Bound>();
    for (var word : SPACES.split(text, -1)) {
      var parts = BOUND.matcher(word);
      if (text.length() > MAX_LENGTH || !parts.matches()) {
        throw new IllegalArgumentException(
            "versions are *, or a version such as 1.2, or bounds such as '>=1.2 <2' or ^1.2, was '"
                + SafeText.sanitize(text, 100)
                + "'");
      }
      bounds.add(bound(word, parts.group(1) == null ? "" : parts.group(1), parts.group(2)));
    }
    return List.copyOf(bounds);
  }

  private static Bound bound(String word, String operator, String number) {
    int numbers = Math.min(3, DOT.split(number).length);
    var from = Version.ofValid(number + ".0".repeat(3 - numbers));
    var named = numbers == 3 ? from : null;
    if (named == null && (operator.equals(">") || operator.equals("<="))) {
      throw new IllegalArgumentException(
          "'%s' is ambiguous for %s.1: give all three numbers, or use >= or <"
              .formatted(word, number));
    }
    return switch (operator) {
      case ">=" -> new Bound(new Limit(from, true), null, named);
      case ">" -> new Bound(new Limit(from, false), null, named);
      case "<" -> new Bound(null, new Limit(from, false), named);
      case "<=" -> new Bound(null, new Limit(from, true), named);
      case "^" -> new Bound(new Limit(from, true), before(compatible(from, numbers)), named);
      case "~" -> new Bound(new Limit(from, true), before(next(from, Math.min(numbers, 2))), named);
      default ->
          named == null
              ? new Bound(new Limit(from, true), before(next(from, numbers)), null)
              : new Bound(new Limit(from, true), new Limit(from, true), named);
    };
  }

  private static Limit before(Version end) {
    return new Limit(end, false);
  }

  /** The first version after those that share this many numbers. */
  private static Version next(Version version, int numbers) {
    return switch (numbers) {
      case 1 -> version.nextMajor();
      case 2 -> version.nextMinor();
      default -> version.nextPatch();
    };
  }

  private static Version compatible(Version version, int numbers) {
    if (version.major() > 0 || numbers == 1) {
      return version.nextMajor();
    }
    return next(version, version.minor() > 0 || numbers == 2 ? 2 : 3);
  }

  /**
   * Whether a rule for this range is one for that version. What holds for a release holds for its
   * pre-releases, unless the range names a pre-release or exactly one version.
   */
  public boolean includes(Version version) {
    return bounds.stream().allMatch(bound -> bound.includes(version));
  }

  /**
   * Whether a reference with this range may get that version: one that it includes, but a
   * pre-release only if the range names one of the same release.
   */
  public boolean selects(Version version) {
    return includes(version)
        && (!version.isPreRelease() || bounds.stream().anyMatch(bound -> bound.isAbout(version)));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof VersionRange range && text.equals(range.text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  @Override
  public String toString() {
    return text;
  }
}
