package org.wasmbroker.sandbox;

import org.wasmbroker.step.Document;

/** A host function does not do what the guest asked; the guest gets the error and may go on. */
public final class CallRefusedException extends Exception {
  private static final long serialVersionUID = 1;

  private final AbiError error;
  private final transient Document document;

  /**
   * @param document what the guest can read about it, a JSON object; empty where it can read
   *     nothing
   */
  public CallRefusedException(AbiError error, Document document) {
    super(error.name(), null, false, false);
    this.error = error;
    this.document = document;
  }

  public AbiError error() {
    return error;
  }

  public Document document() {
    return document;
  }
}
