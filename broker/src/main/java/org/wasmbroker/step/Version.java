package org.wasmbroker.step;

import java.util.regex.Pattern;
import org.semver4j.Semver;

/**
 * A handler's version by <a href="https://semver.org">semantic versioning</a>, such as {@code
 * 1.2.3} or {@code 1.3.0-rc.1}, ordered as that says. It has no build metadata: two releases that
 * differ in nothing else would have no order.
 */
public final class Version implements Comparable<Version> {
  static final String NUMBER = "(?:0|[1-9][0-9]{0,8})";
  private static final String IDENTIFIER = "(?:0|[1-9][0-9]{0,8}|[0-9]*[A-Za-z-][0-9A-Za-z-]*)";
  static final String PRE_RELEASE = "(?:-" + IDENTIFIER + "(?:\\." + IDENTIFIER + ")*)";
  private static final Pattern SHAPE =
      Pattern.compile(NUMBER + "\\." + NUMBER + "\\." + NUMBER + PRE_RELEASE + "?");

  /** What the tag of an OCI registry and most file systems can hold. */
  private static final int MAX_LENGTH = 128;

  private final Semver semver;

  private Version(Semver semver) {
    this.semver = semver;
  }

  public Version(int major, int minor, int patch) {
    this(Semver.create(major, minor, patch));
  }

  /**
   * @throws IllegalArgumentException if the text is not a version
   */
  public static Version parse(String text) {
    if (text.length() > MAX_LENGTH || !SHAPE.matcher(text).matches()) {
      throw new IllegalArgumentException(
          (text.indexOf('+') < 0
                  ? "a module's version is like 1.2.3 or 1.2.3-rc.1, was '"
                  : "a module's version has no build metadata ('+…'), was '")
              + SafeText.sanitize(text, 100)
              + "'");
    }
    return ofValid(text);
  }

  /** Of a text that the caller's pattern has checked. */
  static Version ofValid(String text) {
    return new Version(new Semver(text));
  }

  /** Whether it is to be tried before its release; it is chosen only by who asks for it. */
  public boolean isPreRelease() {
    return !semver.getPreRelease().isEmpty();
  }

  /** Without what makes it a pre-release. */
  public Version release() {
    return isPreRelease() ? new Version(semver.withClearedPreRelease()) : this;
  }

  Version nextMajor() {
    return new Version(Semver.create(semver.getMajor() + 1, 0, 0));
  }

  Version nextMinor() {
    return new Version(Semver.create(semver.getMajor(), semver.getMinor() + 1, 0));
  }

  Version nextPatch() {
    return new Version(Semver.create(semver.getMajor(), semver.getMinor(), semver.getPatch() + 1));
  }

  int major() {
    return semver.getMajor();
  }

  int minor() {
    return semver.getMinor();
  }

  @Override
  public int compareTo(Version other) {
    return semver.compareTo(other.semver);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Version version && toString().equals(version.toString());
  }

  @Override
  public int hashCode() {
    return toString().hashCode();
  }

  @Override
  public String toString() {
    return semver.getVersion();
  }
}
