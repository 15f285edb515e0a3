package org.wasmbroker.secret;

/** The form in which a value was found. */
public enum Form {
  PLAIN("as plain text"),
  /** Some of its characters are escaped as in JSON or in string literals. */
  ESCAPED("with escapes"),
  URL_ENCODED("URL-encoded"),
  HEX("in hex"),
  BASE64("in base64"),
  NUMBERS("as numbers");

  private final String description;

  Form(String text) {
    this.description = text;
  }

  /** The form as part of a sentence. */
  public String description() {
    return description;
  }
}
