package org.wasmbroker.sandbox;

import java.util.List;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Receipt;

/** How a run ended. */
public sealed interface InvocationResult {
  Receipt receipt();

  /** The guest wrote its output and ended without an error. */
  record Completed(Document output, Receipt receipt) implements InvocationResult {}

  /**
   * The guest ended by itself without usable output: {@code run} returned or {@code proc_exit} was
   * called with a non-zero code, or nothing was written (code 0).
   *
   * @param message what happened, including the last lines that the guest wrote to stderr, if any
   */
  record GuestFailed(int code, String message, Receipt receipt) implements InvocationResult {}

  /**
   * The engine stopped the guest.
   *
   * @param message the engine's message, including the last lines that the guest wrote to stderr,
   *     if any
   * @param backtrace the guest's frames, innermost first, capped
   */
  record Trapped(TrapKind kind, String message, List<String> backtrace, Receipt receipt)
      implements InvocationResult {}

  /**
   * The guest used more than a limit allows.
   *
   * @param allowed the limit, in the unit of its kind
   * @param used what was used or requested when the guest was stopped
   */
  record LimitExceeded(LimitKind limit, long allowed, long used, Receipt receipt)
      implements InvocationResult {
    public String message() {
      return "the guest used %d %s of %s, the limit is %d%s"
          .formatted(used, limit.unit().text(), limit.text(), allowed, remedy());
    }

    private String remedy() {
      return switch (limit) {
        case FUEL -> "; an instruction that fills or copies costs a unit for each byte or element";
        case MEMORY ->
            "; it is the least of the manifest's memory_bytes and the class that the policy grants,"
                + " or limits.memory";
        default -> "";
      };
    }
  }

  /** The run was cancelled from outside. */
  record Cancelled(String reason, Receipt receipt) implements InvocationResult {}
}
