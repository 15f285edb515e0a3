package org.wasmbroker.sandbox.host;

import static org.wasmbroker.sandbox.ValueType.I32;
import static org.wasmbroker.sandbox.ValueType.I64;

import java.util.List;
import org.wasmbroker.sandbox.AbiError;

/**
 * The clocks.
 *
 * <p>{@code get_time(clock) -> i64}: nanoseconds. Clock 0 is the time since 1970, which never goes
 * back within a step, whatever its number of runs; 1 the time since the run started; 2 the time
 * left to the deadline. All are rounded down to the policy's resolution. INVALID for another clock.
 */
final class Time {
  static final List<HostFunction> FUNCTIONS =
      List.of(
          new HostFunction(HostFunctions.ABI_MODULE, "get_time", List.of(I32), I64, Time::getTime));

  private Time() {}

  private static long getTime(HostCall call) {
    return switch (call.i32(0)) {
      case 0 -> call.run().guestWallTime();
      case 1 -> call.run().guestElapsedTime();
      case 2 -> call.run().guestRemainingTime();
      default -> AbiError.INVALID.code();
    };
  }
}
