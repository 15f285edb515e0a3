package org.wasmbroker.rollout;

/** The state that brokers share can be neither read nor written now. */
public final class SharedStateException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final boolean permanent;

  /**
   * @param permanent whether that stays so until someone changes something
   */
  public SharedStateException(String message, boolean permanent, Throwable cause) {
    super(message, cause);
    this.permanent = permanent;
  }

  public boolean isPermanent() {
    return permanent;
  }
}
