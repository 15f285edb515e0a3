package org.wasmbroker.protocol.standalone;

import org.wasmbroker.pgmq.Lease;
import org.wasmbroker.step.Claim;

/**
 * A claim of a message, with the counts from its headers. Those cannot differ between two claims
 * with the same lease.
 */
record MessageClaim(Lease lease, MessageHeaders headers) implements Claim {
  /** Earlier claims of the message that ended with neither an outcome nor a release. */
  int lostClaims() {
    return lease.readCount() - 1 - headers.failures() - headers.releases();
  }
}
