package org.wasmbroker.secret;

/** How a value was written where it was found. */
public enum Form {
  PLAIN("as it is"),
  /** Some of its characters as escapes of JSON, or of programs' strings. */
  ESCAPED("with escapes"),
  URL_ENCODED("URL-encoded"),
  HEX("in hex"),
  BASE64("in base64"),
  NUMBERS("as numbers");

  private final String text;

  Form(String text) {
    this.text = text;
  }

  /** As a sentence says it. */
  public String text() {
    return text;
  }
}
