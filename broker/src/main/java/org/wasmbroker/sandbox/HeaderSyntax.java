package org.wasmbroker.sandbox;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Which headers a guest's request may have. Reserved are those that determine where a message goes,
 * where it ends or what becomes of the connection, which the broker sets from what it checked; and
 * those with which some servers override the checked method or path.
 */
public final class HeaderSyntax {
  public static final int MAX_NAME_LENGTH = 100;
  public static final int MAX_VALUE_LENGTH = 8 << 10;

  private static final Pattern NAME =
      Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]{1," + MAX_NAME_LENGTH + "}");
  private static final Set<String> RESERVED =
      Set.of(
          "host",
          "content-length",
          "transfer-encoding",
          "connection",
          "keep-alive",
          "upgrade",
          "http2-settings",
          "te",
          "trailer",
          "trailers",
          "expect",
          "via",
          "traceparent",
          "tracestate",
          "x-http-method",
          "x-http-method-override",
          "x-method-override",
          "x-original-url",
          "x-rewrite-url");
  private static final String RESERVED_PREFIX = "proxy-";

  private HeaderSyntax() {}

  public static boolean isName(String name) {
    return NAME.matcher(name).matches();
  }

  public static boolean isReserved(String name) {
    var lower = name.toLowerCase(Locale.ROOT);
    return RESERVED.contains(lower) || lower.startsWith(RESERVED_PREFIX);
  }

  /**
   * Whether a value consists of visible ASCII, spaces and tabs: no line breaks, and nothing that
   * parsers disagree about.
   */
  public static boolean isValue(String value) {
    return value.chars().allMatch(c -> (c >= ' ' && c < 0x7f) || c == '\t');
  }
}
