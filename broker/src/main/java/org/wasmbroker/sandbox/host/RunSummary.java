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

/** What a run left behind, which together with its stop reason makes its result. */
record RunSummary(
    Limits limits,
    @Nullable Document output,
    List<String> stderrTail,
    long refusedMemoryBytes,
    Receipt receipt) {

  InvocationResult toResult(StopReason stopReason) {
    return switch (stopReason) {
      case StopReason.Returned(var code) -> ended(code, "the guest returned code " + code);
      case StopReason.Exited(var code) -> ended(code, "the guest exited with code " + code);
      case StopReason.Trapped trap -> trapped(trap);
      case StopReason.LimitExceeded(var limit, var allowed, var used) ->
          new LimitExceeded(limit, allowed, used, receipt);
      case StopReason.Cancelled(var reason) -> new Cancelled(reason, receipt);
      case StopReason.HostFault(var cause) -> hostFault(cause);
    };
  }

  private InvocationResult ended(int code, String message) {
    if (code != 0) {
      return refusedMemoryBytes > 0
          ? memoryExceeded()
          : new GuestFailed(code, withStderrTail(message), receipt);
    }
    return output == null
        ? new GuestFailed(0, withStderrTail("the guest ended without an output"), receipt)
        : new Completed(output, receipt);
  }

  /**
   * An allocator that gets no more memory gives up with {@code unreachable}; a program that does
   * not check what it got accesses memory out of bounds. Other traps have other causes.
   */
  private InvocationResult trapped(StopReason.Trapped trap) {
    boolean couldBeOutOfMemory =
        trap.kind() == TrapKind.UNREACHABLE || trap.kind() == TrapKind.MEMORY_OUT_OF_BOUNDS;
    if (refusedMemoryBytes > 0 && couldBeOutOfMemory) {
      return memoryExceeded();
    }
    return new Trapped(trap.kind(), withStderrTail(trap.message()), trap.backtrace(), receipt);
  }

  private InvocationResult memoryExceeded() {
    return new LimitExceeded(LimitKind.MEMORY, limits.memoryBytes(), refusedMemoryBytes, receipt);
  }

  /** A guest that recursed deeply may leave too little stack for a host function. */
  private InvocationResult hostFault(Throwable cause) {
    if (cause instanceof StackOverflowError) {
      var message = "no stack was left for a host function";
      return new Trapped(TrapKind.STACK_OVERFLOW, withStderrTail(message), List.of(), receipt);
    }
    throw new IllegalStateException("a host function failed: " + cause, cause);
  }

  private String withStderrTail(String message) {
    return stderrTail.isEmpty()
        ? message
        : message + "; the guest's last words: " + String.join(" / ", stderrTail);
  }
}
