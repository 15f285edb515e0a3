package org.wasmbroker.schema.pattern;

/** A pattern is none, is too large, or asks for what is not served. The message says where. */
public final class InvalidPatternException extends Exception {
  private static final long serialVersionUID = 1;

  /**
   * @param at the character of the pattern at which it went wrong, from 0
   */
  InvalidPatternException(String reason, int at) {
    super(reason + ", at character " + at, null, false, false);
  }
}
