package org.wasmbroker.step;

import java.util.Comparator;
import java.util.regex.Pattern;

/** A handler's version, {@code major.minor.patch}, ordered by number. */
public record Version(int major, int minor, int patch) implements Comparable<Version> {
  private static final Pattern SHAPE =
      Pattern.compile("(0|[1-9][0-9]{0,8})\\.(0|[1-9][0-9]{0,8})\\.(0|[1-9][0-9]{0,8})");
  private static final Comparator<Version> BY_NUMBER =
      Comparator.comparingInt(Version::major)
          .thenComparingInt(Version::minor)
          .thenComparingInt(Version::patch);

  /**
   * @throws IllegalArgumentException if the text is not three numbers separated by dots
   */
  public static Version parse(String text) {
    var parts = SHAPE.matcher(text);
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "a module's version is like 1.2.3, was '" + SafeText.sanitize(text, 100) + "'");
    }
    return new Version(
        Integer.parseInt(parts.group(1)),
        Integer.parseInt(parts.group(2)),
        Integer.parseInt(parts.group(3)));
  }

  /** Whether a reference such as {@code 1}, {@code 1.2} or {@code 1.2.3} matches this version. */
  public boolean matches(String prefix) {
    var text = toString();
    return text.equals(prefix) || text.startsWith(prefix + ".");
  }

  @Override
  public int compareTo(Version other) {
    return BY_NUMBER.compare(this, other);
  }

  @Override
  public String toString() {
    return major + "." + minor + "." + patch;
  }
}
