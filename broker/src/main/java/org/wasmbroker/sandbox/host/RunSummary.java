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
import org.wasmbroker.sandbox.StepRefusedException;
import org.wasmbroker.sandbox.TrapKind;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Receipt;

/**
 * What remains of a run, which together with its stop reason determines its result.
 *
 * @param preparing whether it ended in {@code prepare}, which may only return
 * @param anyCode whether it ended well with any exit code, since the output has the code
 */
record RunSummary(
    Limits limits,
    @Nullable Document output,
    List<String> stderrTail,
    long refusedMemoryBytes,
    boolean preparing,
    boolean anyCode,
    Receipt receipt) {
  private static final String NO_OUTPUT =
      "the guest ended without an output: a reactor calls write_output, a command writes to"
          + " standard output, and flushes it before it ends";

  InvocationResult toResult(StopReason stopReason) {
    // No record patterns: their bytecode would be too large to be inlined.
    return switch (stopReason) {
      case StopReason.Returned returned -> ended(returned.code(), "returned");
      case StopReason.Exited exited -> ended(exited.code(), "exited with");
      case StopReason.Trapped trap -> trapped(trap);
      case StopReason.LimitExceeded exceeded ->
          new LimitExceeded(exceeded.limit(), exceeded.allowed(), exceeded.used(), receipt);
      case StopReason.Cancelled cancelled -> new Cancelled(cancelled.reason(), receipt);
      case StopReason.HostFault fault -> hostFault(fault.cause());
    };
  }

  private InvocationResult ended(int code, String how) {
    if (preparing) {
      return refusedMemoryBytes > 0 && code != 0
          ? memoryExceeded()
          : new GuestFailed(code, withStderrTail("the guest " + how + " code " + code), receipt);
    }
    if (output != null && (code == 0 || (anyCode && refusedMemoryBytes == 0))) {
      return new Completed(output, receipt);
    }
    if (code == 0) {
      return new GuestFailed(0, withStderrTail(NO_OUTPUT), receipt);
    }
    return refusedMemoryBytes > 0
        ? memoryExceeded()
        : new GuestFailed(code, withStderrTail("the guest " + how + " code " + code), receipt);
  }

  /**
   * An allocator that gets no more memory gives up with {@code unreachable} or {@code abort}; a
   * program that does not check what it got accesses memory out of bounds. Other traps have other
   * causes.
   */
  private InvocationResult trapped(StopReason.Trapped trap) {
    boolean couldBeOutOfMemory =
        switch (trap.kind()) {
          case UNREACHABLE, ABORTED, MEMORY_OUT_OF_BOUNDS -> true;
          default -> false;
        };
    if (refusedMemoryBytes > 0 && couldBeOutOfMemory) {
      return memoryExceeded();
    }
    return new Trapped(trap.kind(), withStderrTail(trap.message()), trap.backtrace(), receipt);
  }

  private InvocationResult memoryExceeded() {
    return new LimitExceeded(LimitKind.MEMORY, limits.memoryBytes(), refusedMemoryBytes, receipt);
  }

  /**
   * A guest with deep recursion may leave too little stack for a host function, and what a host
   * function needs may not be there now.
   */
  private InvocationResult hostFault(Throwable cause) {
    if (cause instanceof StackOverflowError) {
      var message = "no stack was left for a host function";
      return new Trapped(TrapKind.STACK_OVERFLOW, withStderrTail(message), List.of(), receipt);
    }
    if (cause instanceof StepRefusedException refused) {
      throw refused;
    }
    throw new IllegalStateException("a host function failed: " + cause, cause);
  }

  private String withStderrTail(String text) {
    var message = preparing ? "in prepare: " + text : text;
    return stderrTail.isEmpty()
        ? message
        : message + "; last lines on stderr: " + String.join(" / ", stderrTail);
  }
}
