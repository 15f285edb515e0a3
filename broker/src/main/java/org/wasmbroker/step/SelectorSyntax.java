package org.wasmbroker.step;

import java.util.regex.Pattern;

/** What a {@link Selector} looks like, without building one: each message has a reference. */
final class SelectorSyntax {
  private static final String CHANNEL = "[a-z][a-z0-9-]{0,31}";
  private static final String COMPLETE =
      "%1$s\\.%1$s\\.%1$s%2$s?".formatted(Version.NUMBER, Version.PRE_RELEASE);
  private static final String BOUND =
      "(?:(?:>=|<|\\^|~)?%s|(?:>|<=)%s)".formatted(VersionRange.PART, COMPLETE);
  private static final Pattern SELECTOR =
      Pattern.compile("%1$s(?: +%1$s)*|%2$s|sha256:[0-9a-f]{64}".formatted(BOUND, CHANNEL));

  private SelectorSyntax() {}

  static void require(String text) {
    if (text.length() > VersionRange.MAX_LENGTH || !SELECTOR.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "a handler's version is like 1, 1.2, 1.2.3 or ^1.2, a digest like sha256:…, or a channel"
              + " like stable, was '"
              + SafeText.sanitize(text, 100)
              + "'");
    }
  }
}
