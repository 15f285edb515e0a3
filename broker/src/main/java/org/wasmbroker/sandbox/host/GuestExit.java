package org.wasmbroker.sandbox.host;

import java.util.List;
import org.wasmbroker.sandbox.TrapKind;

/** How the engine came back from a guest. {@link RunState} may know better why. */
public sealed interface GuestExit {
  /** The guest's function returned, with this code or 0 where it has none. */
  record Returned(int code) implements GuestExit {}

  /**
   * The engine, or a host function, stopped the guest.
   *
   * @param backtrace the guest's frames, innermost first, capped
   */
  record Trapped(TrapKind kind, String message, List<String> backtrace) implements GuestExit {
    public Trapped {
      backtrace = List.copyOf(backtrace);
    }
  }

  /** The engine stopped the guest, which had used all of its fuel. */
  record OutOfFuel() implements GuestExit {}

  /** The engine stopped the guest at a tick, for its deadline or because it was cancelled. */
  record Interrupted() implements GuestExit {}
}
