package org.wasmbroker.telemetry;

import java.time.Instant;
import java.util.Map;

/** What the verdict on modules depends on, besides the policy's rules. */
public sealed interface TrustEvent extends BrokerEvent {
  /** The file of the approvals is in force, newly or again after one that could not be used. */
  record ApprovalsApplied(int approvals) implements TrustEvent {}

  /** The file of the approvals cannot be used; those that were in force stay so. */
  record ApprovalsRefused(String reason) implements TrustEvent {}

  /**
   * The keys of signatures that end.
   *
   * @param ends by the key's name, the first moment at which it is not accepted any more
   * @param warn the end that a person should do something about, or empty
   */
  record KeysChanged(Map<String, Instant> ends, String warn) implements TrustEvent {
    public KeysChanged {
      ends = Map.copyOf(ends);
    }
  }
}
