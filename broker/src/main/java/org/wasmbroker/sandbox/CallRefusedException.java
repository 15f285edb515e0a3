package org.wasmbroker.sandbox;

import org.wasmbroker.step.Document;

/**
 * A host function refuses what the guest requested. The guest gets the error code and continues.
 * The message is safe to show to the guest: it contains no secret values.
 */
public final class CallRefusedException extends Exception {
  private static final long serialVersionUID = 1;

  private final AbiError error;
  private final transient Document document;

  /** A refusal of which the guest sees only the error code. */
  public CallRefusedException(AbiError error, String message) {
    this(error, message, Document.EMPTY);
  }

  /**
   * @param document what the guest can read about it, a JSON object
   */
  public CallRefusedException(AbiError error, String message, Document document) {
    super(message, null, false, false);
    this.error = error;
    this.document = document;
  }

  public AbiError error() {
    return error;
  }

  public String message() {
    return String.valueOf(getMessage());
  }

  /** What the guest can read about the refusal; empty if there is nothing more than the code. */
  public Document document() {
    return document;
  }
}
