package org.wasmbroker.protocol.standalone;

import org.wasmbroker.pgmq.Lease;
import org.wasmbroker.step.Claim;

/**
 * A claim of a message, with the counts that its headers had. Those cannot differ between two
 * claims with the same lease.
 */
record MessageClaim(Lease lease, MessageHeaders headers) implements Claim {
  /** Claims of the message that ended with neither an outcome nor a return. */
  int lostClaims() {
    return lease.readCount() - 1 - headers.failures() - headers.releases();
  }
}
