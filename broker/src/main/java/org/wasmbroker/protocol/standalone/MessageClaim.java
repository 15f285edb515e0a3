package org.wasmbroker.protocol.standalone;

import org.wasmbroker.pgmq.Lease;
import org.wasmbroker.step.Claim;

/**
 * A claim of a message, with the counts from its headers. Those cannot differ between two claims
 * with the same lease.
 *
 * @param lost whether the claim before this one was lost
 */
record MessageClaim(Lease lease, boolean lost, MessageHeaders headers) implements Claim {
  @Override
  public boolean isSuspect() {
    return lost || headers.suspect();
  }

  @Override
  public String messageId() {
    return Long.toString(lease.messageId());
  }

  @Override
  public int lostStarts() {
    return headers.lostStarts();
  }
}
