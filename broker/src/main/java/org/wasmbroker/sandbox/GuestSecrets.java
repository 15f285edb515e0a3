package org.wasmbroker.sandbox;

/** The secrets that a step's guest may read. Used by the step's thread. */
@FunctionalInterface
public interface GuestSecrets extends GuestCapability {
  /** Grants no secret. */
  GuestSecrets NONE =
      name -> {
        throw new CallRefusedException(AbiError.DENIED, "no secret is granted to this handler");
      };

  /**
   * Returns the value of a secret.
   *
   * @throws CallRefusedException DENIED without a grant, NOT_FOUND if there is no such secret
   */
  byte[] read(String name) throws CallRefusedException;
}
