package org.wasmbroker.egress;

/** A secret is not filled in. The message is for the guest: it names the secret, not the value. */
public final class SecretRefusedException extends Exception {
  private static final long serialVersionUID = 1;

  private final boolean retryable;

  /**
   * @param retryable whether it may be filled in later
   */
  public SecretRefusedException(String message, boolean retryable) {
    super(message, null, false, false);
    this.retryable = retryable;
  }

  boolean isRetryable() {
    return retryable;
  }
}
