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

  private final String description;

  Form(String text) {
    this.description = text;
  }

  /** As a sentence says it. */
  public String description() {
    return description;
  }
}
