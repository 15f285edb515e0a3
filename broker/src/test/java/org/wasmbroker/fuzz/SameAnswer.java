package org.wasmbroker.fuzz;

import java.util.List;
import java.util.Set;
import org.wasmbroker.sandbox.InvocationResult;
import org.wasmbroker.sandbox.InvocationResult.Cancelled;
import org.wasmbroker.sandbox.InvocationResult.Completed;
import org.wasmbroker.sandbox.InvocationResult.GuestFailed;
import org.wasmbroker.sandbox.InvocationResult.LimitExceeded;
import org.wasmbroker.sandbox.InvocationResult.Trapped;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.TrapKind;
import org.wasmbroker.step.HostCallCount;

/**
 * What two engines have to agree on about a run: how it ended, with what output or code, what the
 * guest called, and how large its memory became. Messages and backtraces are the engine's own.
 */
public record SameAnswer(String end, List<HostCallCount> calls, long memory, long bytesOut) {
  private static final Set<String> NEVER_TWICE_THE_SAME =
      Set.of("get_time", "clock_time_get", "poll_oneoff", "random_get");

  public static SameAnswer of(InvocationResult result) {
    var end =
        switch (result) {
          case Completed completed -> "completed " + completed.output().hashCode();
          case GuestFailed failed -> "failed " + failed.code();
          case Trapped trapped -> "trapped " + trapped.kind();
          case LimitExceeded exceeded -> "exceeded " + exceeded.limit() + " " + exceeded.used();
          case Cancelled cancelled -> "cancelled " + cancelled.reason();
        };
    var receipt = result.receipt();
    return new SameAnswer(
        end, receipt.hostCalls(), receipt.memoryHighWaterBytes(), receipt.bytesOut());
  }

  SameAnswer withoutMemory() {
    return new SameAnswer(end, calls, 0, bytesOut);
  }

  /**
   * Whether another engine can be asked for the same: not where a clock or a random number had a
   * part in it, nor where the stack or the time was at its end, which engines reach at different
   * places.
   */
  public static boolean isComparable(InvocationResult result) {
    boolean ranOut =
        switch (result) {
          case LimitExceeded exceeded -> exceeded.limit() == LimitKind.TIME;
          case Trapped trapped -> trapped.kind() == TrapKind.STACK_OVERFLOW;
          case Completed _, GuestFailed _, Cancelled _ -> false;
        };
    return !ranOut
        && result.receipt().hostCalls().stream()
            .noneMatch(count -> NEVER_TWICE_THE_SAME.contains(count.function()));
  }
}
