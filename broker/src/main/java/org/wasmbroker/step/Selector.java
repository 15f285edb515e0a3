package org.wasmbroker.step;

import org.jspecify.annotations.Nullable;

/** Which release of a handler a reference asks for. */
public sealed interface Selector {
  /** The newest release, or the one that a rollout says. */
  record Newest() implements Selector {}

  /** The newest of a range, such as {@code 1}, {@code 1.2.3} or {@code ^1.2}. */
  record Range(VersionRange versions) implements Selector {}

  /** Exactly these bytes, whatever their version is. */
  record Exact(Digest module) implements Selector {}

  /** What a name such as {@code stable} means at present. */
  record Channel(String name) implements Selector {}

  /** The beginning of a reference's digest. */
  String DIGEST = "sha256:";

  /**
   * @param text null for the newest
   * @throws IllegalArgumentException if it is none of these
   */
  static Selector of(@Nullable String text) {
    if (text == null) {
      return new Newest();
    }
    SelectorSyntax.require(text);
    if (text.startsWith(DIGEST)) {
      return new Exact(new Digest(text.substring(DIGEST.length())));
    }
    return isChannel(text) ? new Channel(text) : new Range(new VersionRange(text));
  }

  /** Whether this version may serve it, as far as versions decide. */
  default boolean selects(Version version) {
    return switch (this) {
      case Newest _ -> !version.isPreRelease();
      case Range(var versions) -> versions.selects(version);
      case Exact _, Channel _ -> false;
    };
  }

  /** Whether the text of a valid selector is the name of a channel. Allocates nothing. */
  static boolean isChannel(String text) {
    char first = text.charAt(0);
    return first >= 'a' && first <= 'z' && !text.startsWith(DIGEST);
  }
}
