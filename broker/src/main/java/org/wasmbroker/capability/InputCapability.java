package org.wasmbroker.capability;

import static org.wasmbroker.sandbox.ValueType.I32;

import java.util.List;
import java.util.Set;
import org.wasmbroker.sandbox.AbiError;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.host.HostCall;
import org.wasmbroker.sandbox.host.HostFunction;
import org.wasmbroker.sandbox.host.HostFunctionTable;

/**
 * The step document.
 *
 * <p>{@code read_input(ptr, cap) -> i32}: the length of the input in bytes. It is copied to {@code
 * ptr} if {@code cap} is at least that; else nothing is. FAULT.
 *
 * <p>{@code read_input_at(offset, ptr, len) -> i32}: copies the bytes from {@code offset} on, at
 * most {@code len}, and returns how many; 0 at the end and behind it. FAULT.
 */
final class InputCapability implements BasicCapability {
  private static final List<HostFunction> FUNCTIONS =
      List.of(
          new HostFunction(
                  HostFunctionTable.ABI_MODULE,
                  "read_input",
                  List.of(I32, I32),
                  I32,
                  InputCapability::readInput)
              .callableInPrepare(),
          new HostFunction(
                  HostFunctionTable.ABI_MODULE,
                  "read_input_at",
                  List.of(I32, I32, I32),
                  I32,
                  InputCapability::readInputAt)
              .callableInPrepare());

  @Override
  public String name() {
    return "input";
  }

  @Override
  public List<HostFunction> functions() {
    return FUNCTIONS;
  }

  @Override
  public Set<LimitKind> limits() {
    return Set.of(LimitKind.INPUT);
  }

  private static long readInput(HostCall call) {
    var input = call.run().invocation().input();
    if (Integer.toUnsignedLong(call.i32(1)) >= input.size()) {
      var memory = call.memory();
      if (!memory.contains(call.i32(0), input.size())) {
        return AbiError.FAULT.code();
      }
      memory.write(call.i32(0), input.bytes(), 0, input.size());
    }
    return input.size();
  }

  private static long readInputAt(HostCall call) {
    if (!call.memory().contains(call.i32(1), call.i32(2))) {
      return AbiError.FAULT.code();
    }
    var input = call.run().invocation().input();
    long from = Integer.toUnsignedLong(call.i32(0));
    long count = Math.min(Integer.toUnsignedLong(call.i32(2)), Math.max(0, input.size() - from));
    if (count > 0) {
      call.memory().write(call.i32(1), input.bytes(), (int) from, (int) count);
    }
    return count;
  }
}
