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
record RunResult(
    Limits limits,
    @Nullable Document output,
    List<String> stderrTail,
    long refusedMemoryBytes,
    Receipt receipt) {

  InvocationResult toInvocationResult(GuestExit exit, @Nullable StopReason stopReason) {
    return switch (stopReason) {
      case null -> toInvocationResult(exit);
      case StopReason.Exceeded(var limit, var allowed, var used) ->
          new LimitExceeded(limit, allowed, used, receipt);
      case StopReason.Cancelled(var reason) -> new Cancelled(reason, receipt);
      case StopReason.Exited(var code) -> returned(code, "the guest exited with code " + code);
      case StopReason.HostFault(var cause) -> hostFault(cause);
    };
  }

  private InvocationResult toInvocationResult(GuestExit exit) {
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
      return refusedMemoryBytes > 0
          ? memoryExceeded()
          : new GuestFailed(code, withStderrTail(message), receipt);
    }
    return output == null
        ? new GuestFailed(0, withStderrTail("the guest ended without an output"), receipt)
        : new Completed(output, receipt);
  }

  /**
   * An allocator that gets no more memory gives up with {@code unreachable}, a program that does
   * not look at what it got runs into a wall; other traps have other reasons.
   */
  private InvocationResult trapped(GuestExit.Trapped trap) {
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

  /** A guest that recursed deeply may leave a host function no stack to stand on. */
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
