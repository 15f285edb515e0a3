package org.wasmbroker.sdk;

/** Passes over values of JSON. Allocates nothing: a large document is read where it lies. */
final class JsonScanner {
  /** More than the broker lets through; each level is a frame of a small stack. */
  private static final int MAX_DEPTH = 200;

  private final byte[] source;
  private final String failureType;
  private int at;
  private int depth;

  /**
   * @param failureType of the failures of what is not JSON, as RFC 8259 has it
   */
  JsonScanner(byte[] source, int from, String failureType) {
    this.source = source;
    this.failureType = failureType;
    this.at = from;
  }

  int at() {
    return at;
  }

  /** Passes a document, and says where its value begins and ends. */
  int[] document() {
    space();
    var from = at;
    value();
    var to = at;
    space();
    if (at < source.length) {
      throw unexpected();
    }
    return new int[] {from, to};
  }

  void value() {
    switch (peek()) {
      case '{' -> {
        for (var more = open('}'); more; more = comma('}')) {
          name();
          value();
        }
      }
      case '[' -> {
        for (var more = open(']'); more; more = comma(']')) {
          value();
        }
      }
      case '"' -> string();
      case 't' -> word("true");
      case 'f' -> word("false");
      case 'n' -> word("null");
      default -> number();
    }
  }

  /** Passes the bracket and says whether something is in it. */
  boolean open(char close) {
    at++;
    if (++depth > MAX_DEPTH) {
      throw Failure.permanent(failureType, "JSON of more than " + MAX_DEPTH + " levels");
    }
    space();
    return peek() != close || close();
  }

  /** Passes a comma or the bracket at the end, and says whether it was the comma. */
  boolean comma(char close) {
    space();
    if (peek() == close) {
      return close();
    }
    expect(',');
    space();
    return true;
  }

  private boolean close() {
    at++;
    depth--;
    return false;
  }

  /** Passes the name of a member and the colon. */
  void name() {
    if (peek() != '"') {
      throw unexpected();
    }
    string();
    space();
    expect(':');
    space();
  }

  private void string() {
    at++;
    while (peek() != '"') {
      if (peek() == '\\') {
        at++;
        escape();
      } else if (peek() >= 0 && peek() < ' ') {
        throw unexpected();
      } else {
        at++;
      }
    }
    at++;
  }

  private void escape() {
    switch (peek()) {
      case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> at++;
      case 'u' -> {
        at++;
        for (var i = 0; i < 4; i++) {
          if (hexDigit(peek()) < 0) {
            throw unexpected();
          }
          at++;
        }
      }
      default -> throw unexpected();
    }
  }

  /** The value of a hexadecimal digit; below 0 if it is none. */
  static int hexDigit(int character) {
    if (character >= '0' && character <= '9') {
      return character - '0';
    }
    var lower = character | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
  }

  private void word(String word) {
    for (var i = 0; i < word.length(); i++) {
      expect(word.charAt(i));
    }
  }

  private void number() {
    if (peek() == '-') {
      at++;
    }
    if (peek() == '0') {
      at++;
    } else {
      digits();
    }
    if (is('.')) {
      at++;
      digits();
    }
    if (is('e') || is('E')) {
      at++;
      if (is('+') || is('-')) {
        at++;
      }
      digits();
    }
  }

  private void digits() {
    if (peek() < '0' || peek() > '9') {
      throw unexpected();
    }
    while (at < source.length && source[at] >= '0' && source[at] <= '9') {
      at++;
    }
  }

  private boolean is(char character) {
    return at < source.length && source[at] == character;
  }

  private void expect(char character) {
    if (peek() != character) {
      throw unexpected();
    }
    at++;
  }

  private void space() {
    while (is(' ') || is('\n') || is('\r') || is('\t')) {
      at++;
    }
  }

  private byte peek() {
    if (at == source.length) {
      throw Failure.permanent(failureType, "not JSON: it ends too early");
    }
    return source[at];
  }

  private Failure unexpected() {
    return Failure.permanent(
        failureType,
        "not JSON at byte "
            + (at + 1)
            + ": unexpected "
            + Json.of(Utf8.decode(source, at, at + 1)));
  }
}
