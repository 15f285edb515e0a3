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
    return SelectorSyntax.isChannel(text) ? new Channel(text) : new Range(new VersionRange(text));
  }
}
