package org.wasmbroker.sandbox.host;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.InvocationResult;
import org.wasmbroker.sandbox.InvocationResult.Cancelled;
import org.wasmbroker.sandbox.InvocationResult.Completed;
import org.wasmbroker.sandbox.InvocationResult.GuestFailed;
import org.wasmbroker.sandbox.InvocationResult.LimitExceeded;
import org.wasmbroker.sandbox.InvocationResult.Trapped;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.TrapKind;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Receipt;

/** Turns how a guest came back, and why the host may have ended it, into the run's result. */
record Conclusion(
    Limits limits,
    @Nullable Document output,
    List<String> lastWords,
    long wantedBytes,
    Receipt receipt) {

  InvocationResult of(GuestExit exit, @Nullable RunEnd end) {
    return switch (end) {
      case null -> of(exit);
      case RunEnd.Exceeded(var limit, var allowed, var used) ->
          new LimitExceeded(limit, allowed, used, receipt);
      case RunEnd.Cancelled(var reason) -> new Cancelled(reason, receipt);
      case RunEnd.Exited(var code) -> returned(code, "the guest exited with code " + code);
      case RunEnd.HostFault(var cause) -> hostFault(cause);
    };
  }

  private InvocationResult of(GuestExit exit) {
    return switch (exit) {
      case GuestExit.Returned(var code) -> returned(code, "the guest returned code " + code);
      case GuestExit.Trapped trap -> trapped(trap);
      case GuestExit.OutOfFuel() ->
          new LimitExceeded(LimitKind.FUEL, limits.fuel(), limits.fuel(), receipt);
      case GuestExit.Interrupted() ->
          new Trapped(TrapKind.OTHER, "the engine interrupted the guest", List.of(), receipt);
    };
  }

  private InvocationResult returned(int code, String message) {
    if (code != 0) {
      return wantedBytes > 0
          ? memoryExceeded()
          : new GuestFailed(code, withLastWords(message), receipt);
    }
    return output == null
        ? new GuestFailed(0, withLastWords("the guest ended without an output"), receipt)
        : new Completed(output, receipt);
  }

  /**
   * An allocator that gets no more memory gives up with {@code unreachable}, a program that does
   * not look at what it got runs into a wall; other traps have other reasons.
   */
  private InvocationResult trapped(GuestExit.Trapped trap) {
    boolean forLackOfMemory =
        trap.kind() == TrapKind.UNREACHABLE || trap.kind() == TrapKind.MEMORY_OUT_OF_BOUNDS;
    if (wantedBytes > 0 && forLackOfMemory) {
      return memoryExceeded();
    }
    return new Trapped(trap.kind(), withLastWords(trap.message()), trap.backtrace(), receipt);
  }

  private InvocationResult memoryExceeded() {
    return new LimitExceeded(LimitKind.MEMORY, limits.memoryBytes(), wantedBytes, receipt);
  }

  /** A guest that recursed deeply may leave a host function no stack to stand on. */
  private InvocationResult hostFault(Throwable cause) {
    if (cause instanceof StackOverflowError) {
      var message = "no stack was left for a host function";
      return new Trapped(TrapKind.STACK_OVERFLOW, withLastWords(message), List.of(), receipt);
    }
    throw new IllegalStateException("a host function failed: " + cause, cause);
  }

  private String withLastWords(String message) {
    return lastWords.isEmpty()
        ? message
        : message + "; the guest's last words: " + String.join(" / ", lastWords);
  }
}
