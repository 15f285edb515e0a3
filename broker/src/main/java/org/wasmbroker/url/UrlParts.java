package org.wasmbroker.url;

import org.jspecify.annotations.Nullable;

/**
 * A URL split at its delimiters. The parts are not validated yet; policies and requests split URLs
 * here and then read the parts alike.
 *
 * @param scheme as written
 * @param path as written, empty if there is none
 * @param query without its question mark, null if there is none
 */
record UrlParts(
    String scheme, String authority, String path, @Nullable String query, boolean hasFragment) {
  private static final String SCHEME_END = "://";
  private static final String AUTHORITY_END = "/?#";

  /** Null if the text does not begin with a scheme and {@code ://}. */
  static @Nullable UrlParts split(String text) {
    int colon = text.indexOf(SCHEME_END);
    if (colon < 0) {
      return null;
    }
    int start = colon + SCHEME_END.length();
    int end = authorityEnd(text, start);
    int fragment = text.indexOf('#', end);
    var rest = text.substring(end, fragment < 0 ? text.length() : fragment);
    int question = rest.indexOf('?');
    return new UrlParts(
        text.substring(0, colon),
        text.substring(start, end),
        question < 0 ? rest : rest.substring(0, question),
        question < 0 ? null : rest.substring(question + 1),
        fragment >= 0);
  }

  private static int authorityEnd(String text, int start) {
    int end = start;
    while (end < text.length() && AUTHORITY_END.indexOf(text.charAt(end)) < 0) {
      end++;
    }
    return end;
  }

  boolean hasUserInfo() {
    return authority.indexOf('@') >= 0;
  }

  String host() {
    int colon = portColon();
    return colon < 0 ? authority : authority.substring(0, colon);
  }

  /** Null if there is none. */
  @Nullable String port() {
    int colon = portColon();
    return colon < 0 ? null : authority.substring(colon + 1);
  }

  /** The colons of an IPv6 address are within brackets. */
  private int portColon() {
    return authority.indexOf(':', Math.max(0, authority.lastIndexOf(']')));
  }
}
