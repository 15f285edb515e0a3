package org.wasmbroker.capability;

import static org.wasmbroker.sandbox.ValueType.I32;
import static org.wasmbroker.sandbox.ValueType.I64;

import java.util.List;
import org.wasmbroker.sandbox.AbiError;
import org.wasmbroker.sandbox.host.HostCall;
import org.wasmbroker.sandbox.host.HostFunction;
import org.wasmbroker.sandbox.host.HostFunctionTable;

/**
 * The clocks.
 *
 * <p>{@code get_time(clock) -> i64}: nanoseconds. Clock 0 is the time since 1970, which never goes
 * back within a step, whatever its number of runs; 1 the time since the run started; 2 the time
 * left to the deadline. All are rounded down to the policy's resolution. INVALID for another clock.
 */
final class TimeCapability implements Capability {
  private static final List<HostFunction> FUNCTIONS =
      List.of(
          new HostFunction(
              HostFunctionTable.ABI_MODULE,
              "get_time",
              List.of(I32),
              I64,
              TimeCapability::getTime));

  @Override
  public String name() {
    return "time";
  }

  @Override
  public List<HostFunction> functions() {
    return FUNCTIONS;
  }

  @Override
  public boolean isBasic() {
    return true;
  }

  private static long getTime(HostCall call) {
    return switch (call.i32(0)) {
      case 0 -> call.run().guestWallTime();
      case 1 -> call.run().guestElapsedTime();
      case 2 -> call.run().guestRemainingTime();
      default -> AbiError.INVALID.code();
    };
  }
}
