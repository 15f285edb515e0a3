package org.wasmbroker.grant.trust;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.signature.VerificationKey;

/**
 * A key that the policy names, and when it is accepted: by the clock of the broker that verifies,
 * since nothing says reliably when a signature was made.
 *
 * @param notBefore from when it is accepted; null for always
 * @param notAfter the first moment at which it is not accepted any more; null for never
 */
public record TrustKey(
    String name, VerificationKey key, @Nullable Instant notBefore, @Nullable Instant notAfter) {
  public TrustKey {
    if (notBefore != null && notAfter != null && !notBefore.isBefore(notAfter)) {
      throw new IllegalArgumentException("ends (not-after) before it begins (not-before)");
    }
  }

  public boolean isAcceptedAt(Instant time) {
    return !isBeforeItsTime(time) && !isOver(time);
  }

  public boolean isBeforeItsTime(Instant time) {
    return notBefore != null && time.isBefore(notBefore);
  }

  public boolean isOver(Instant time) {
    return notAfter != null && !time.isBefore(notAfter);
  }
}
