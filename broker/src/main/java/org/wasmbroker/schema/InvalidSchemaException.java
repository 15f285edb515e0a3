package org.wasmbroker.schema;

/** A document is no schema, or one that cannot be used. The message says where. */
final class InvalidSchemaException extends Exception {
  private static final long serialVersionUID = 1;

  /** A longer pointer is cut at its start. */
  private static final int MAX_POINTER_LENGTH = 120;

  InvalidSchemaException(String pointer, String message) {
    super(pointer.isEmpty() ? message : end(pointer) + ": " + message, null, false, false);
  }

  private static String end(String pointer) {
    return pointer.length() <= MAX_POINTER_LENGTH
        ? pointer
        : "…" + pointer.substring(pointer.length() - MAX_POINTER_LENGTH);
  }
}
