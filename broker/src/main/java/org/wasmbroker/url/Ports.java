package org.wasmbroker.url;

import java.util.OptionalInt;
import java.util.regex.Pattern;

/** Ports of URLs. */
final class Ports {
  private static final Pattern DECIMAL = Pattern.compile("[1-9][0-9]{0,4}");
  private static final int MAX = 65535;

  private Ports() {}

  /** Empty for anything but 1 to 65535 in decimal, without a sign or leading zeros. */
  static OptionalInt parse(String text) {
    return DECIMAL.matcher(text).matches() && isValid(Integer.parseInt(text))
        ? OptionalInt.of(Integer.parseInt(text))
        : OptionalInt.empty();
  }

  static boolean isValid(int port) {
    return port >= 1 && port <= MAX;
  }

  /**
   * @param scheme {@code http} or {@code https}
   */
  static int defaultFor(String scheme) {
    return scheme.equals("https") ? 443 : 80;
  }
}
