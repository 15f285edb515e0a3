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
 * The part of a result on which two engines must agree: how the run ended, its output or code, its
 * host calls, and the final size of its memory. Messages and backtraces differ between engines.
 */
public record ComparableResult(String end, List<HostCallCount> calls, long memory, long bytesOut) {
  private static final Set<String> NON_DETERMINISTIC =
      Set.of("get_time", "clock_time_get", "poll_oneoff", "random_get");

  public static ComparableResult of(InvocationResult result) {
    var end =
        switch (result) {
          case Completed completed -> "completed " + completed.output().hashCode();
          case GuestFailed failed -> "failed " + failed.code();
          case Trapped trapped -> "trapped " + trapped.kind();
          case LimitExceeded exceeded -> "exceeded " + exceeded.limit() + " " + exceeded.used();
          case Cancelled cancelled -> "cancelled " + cancelled.reason();
        };
    var receipt = result.receipt();
    return new ComparableResult(
        end, receipt.hostCalls(), receipt.memoryHighWaterBytes(), receipt.bytesOut());
  }

  ComparableResult withoutMemory() {
    return new ComparableResult(end, calls, 0, bytesOut);
  }

  /**
   * Whether another engine must produce the same result. This excludes runs that used a clock or a
   * random number, and those that exhausted the stack or the time, which engines do at different
   * points.
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
            .noneMatch(count -> NON_DETERMINISTIC.contains(count.function()));
  }
}
