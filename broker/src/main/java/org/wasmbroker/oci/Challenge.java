package org.wasmbroker.oci;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One way to authenticate that a registry offers in {@code WWW-Authenticate} (RFC 9110, 11.6.1).
 *
 * @param scheme in lower case
 * @param parameters by their names in lower case
 */
record Challenge(String scheme, Map<String, String> parameters) {
  private static final int MAX_HEADER_LENGTH = 8 << 10;
  private static final int MAX_CHALLENGES = 16;
  private static final int MAX_PARAMETERS = 32;

  @Nullable String parameter(String name) {
    return parameters.get(name);
  }

  /**
   * Reads the challenges of all such headers. What is malformed ends the header that it is in; the
   * challenges before it count.
   */
  static List<Challenge> parse(List<String> headers) {
    var all = new ArrayList<Challenge>();
    for (var header : headers) {
      if (header.length() <= MAX_HEADER_LENGTH) {
        new Parser(header).parse(all);
      }
    }
    return List.copyOf(all);
  }

  private static final class Parser {
    private final String text;
    private int at;

    Parser(String text) {
      this.text = text;
    }

    void parse(List<Challenge> all) {
      skip(" \t,");
      while (at < text.length() && all.size() < MAX_CHALLENGES) {
        var scheme = token();
        if (scheme.isEmpty()) {
          return;
        }
        var parameters = new LinkedHashMap<String, String>();
        boolean wellFormed = parameters(parameters);
        all.add(new Challenge(scheme.toLowerCase(Locale.ROOT), Map.copyOf(parameters)));
        if (!wellFormed) {
          return;
        }
      }
    }

    /** Reads up to the next scheme, or to the end; false where it is malformed. */
    private boolean parameters(Map<String, String> into) {
      while (true) {
        skip(" \t,");
        int start = at;
        var name = token();
        if (name.isEmpty()) {
          return at == text.length();
        }
        skip(" \t");
        if (at == text.length() || text.charAt(at) != '=') {
          at = start; // the next scheme
          return true;
        }
        at++;
        skip(" \t");
        var value = at < text.length() && text.charAt(at) == '"' ? quoted() : token();
        if (value == null || into.size() == MAX_PARAMETERS) {
          return false;
        }
        into.putIfAbsent(name.toLowerCase(Locale.ROOT), value);
      }
    }

    private @Nullable String quoted() {
      var value = new StringBuilder();
      for (at++; at < text.length(); at++) {
        char c = text.charAt(at);
        if (c == '"') {
          at++;
          return value.toString();
        }
        if (c == '\\' && at + 1 < text.length()) {
          c = text.charAt(++at);
        }
        value.append(c);
      }
      return null;
    }

    private String token() {
      int start = at;
      while (at < text.length() && isTokenCharacter(text.charAt(at))) {
        at++;
      }
      return text.substring(start, at);
    }

    private static boolean isTokenCharacter(char c) {
      return c > ' ' && c < 0x7f && "\"(),/:;<=>?@[\\]{}".indexOf(c) < 0;
    }

    private void skip(String characters) {
      while (at < text.length() && characters.indexOf(text.charAt(at)) >= 0) {
        at++;
      }
    }
  }
}
