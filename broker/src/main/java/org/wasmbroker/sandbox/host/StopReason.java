package org.wasmbroker.sandbox.host;

import org.wasmbroker.sandbox.LimitKind;

/** Why the host ended a run before the guest's function returned. */
sealed interface StopReason {
  record Exceeded(LimitKind limit, long allowed, long used) implements StopReason {}

  record Cancelled(String reason) implements StopReason {}

  /** The guest called {@code proc_exit}. */
  record Exited(int code) implements StopReason {}

  /** A host function failed: a mistake of ours, or no stack left under a deep guest. */
  record HostFault(Throwable cause) implements StopReason {}
}
