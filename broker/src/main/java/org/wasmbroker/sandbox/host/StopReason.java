package org.wasmbroker.sandbox.host;

import java.util.List;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.TrapKind;

/**
 * Why a guest is no longer running: it ended by itself, the engine stopped it, or the host did. If
 * the host has its own reason ({@link RunState#stopReason}), it takes precedence over what the
 * engine reports.
 */
public sealed interface StopReason {
  /** The entry point returned this exit code; 0 if it returns none. */
  record Returned(int code) implements StopReason {}

  /** The guest called {@code proc_exit}. */
  record Exited(int code) implements StopReason {}

  /**
   * The engine stopped the guest.
   *
   * @param backtrace the guest's frames, innermost first, capped
   */
  record Trapped(TrapKind kind, String message, List<String> backtrace) implements StopReason {
    public Trapped {
      backtrace = List.copyOf(backtrace);
    }

    /** The engine interrupted the guest at a tick; the host normally knows why. */
    public static Trapped interrupted() {
      return new Trapped(TrapKind.OTHER, "the engine interrupted the guest", List.of());
    }
  }

  /**
   * The guest exceeded a limit.
   *
   * @param allowed the limit, in its unit
   * @param used what was used or requested when the guest was stopped
   */
  record LimitExceeded(LimitKind limit, long allowed, long used) implements StopReason {}

  /** The run was cancelled. */
  record Cancelled(String reason) implements StopReason {}

  /**
   * A host function failed: an internal error, or a guest with deep recursion left no stack for it.
   */
  record HostFault(Throwable cause) implements StopReason {}
}
