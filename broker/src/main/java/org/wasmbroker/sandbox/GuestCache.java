package org.wasmbroker.sandbox;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.Document;

/**
 * What a step's guest finds of earlier steps and keeps for later ones. An entry may be gone at any
 * time. Used by the step's thread.
 */
public interface GuestCache extends GuestCapability {
  /** Keeps nothing, and grants nothing. */
  GuestCache NONE =
      new GuestCache() {
        @Override
        public @Nullable Document get(Document key) {
          return null;
        }

        @Override
        public void put(Document key, Document value, long ttlMillis) throws CallRefusedException {
          throw new CallRefusedException(AbiError.DENIED, "no cache is granted to this handler");
        }

        @Override
        public boolean delete(Document key) {
          return false;
        }
      };

  /** The value of a key, or null where there is none. */
  @Nullable Document get(Document key);

  /**
   * Keeps a value for a while, in place of the one that the key has.
   *
   * @param ttlMillis at least 1; no longer than is granted, whatever it is
   * @throws CallRefusedException DENIED for what must not be kept; TOO_LARGE for what never fits;
   *     BUDGET where there is no room, or the step has put enough
   */
  void put(Document key, Document value, long ttlMillis) throws CallRefusedException;

  /** Forgets a value; false where there is none. */
  boolean delete(Document key);
}
