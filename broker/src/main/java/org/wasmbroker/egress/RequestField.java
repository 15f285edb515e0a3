package org.wasmbroker.egress;

/** A header or a parameter of the query, as the guest wrote it. Never printed: it may be secret. */
record RequestField(String name, String value) {
  /** How the broker writes its part of a value that it fills in. */
  private static final String PLACEHOLDER = "{{secret:";

  static boolean hasPlaceholder(String text) {
    return text.contains(PLACEHOLDER);
  }

  boolean hasPlaceholder() {
    return hasPlaceholder(value);
  }

  @Override
  public String toString() {
    return name + "=…";
  }
}
