package org.wasmbroker.capability;

import static org.wasmbroker.sandbox.ValueType.I32;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.AbiError;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.host.GuestKind;
import org.wasmbroker.sandbox.host.GuestStoppedException;
import org.wasmbroker.sandbox.host.HostCall;
import org.wasmbroker.sandbox.host.HostFunction;
import org.wasmbroker.sandbox.host.HostFunctionTable;
import org.wasmbroker.step.Document;

/**
 * The result document.
 *
 * <p>{@code write_output(ptr, len) -> i32}: 0. Once in a run, and not by a command, whose stdout is
 * the output: STATE. FAULT. An output larger than the limit ends the run.
 *
 * <p>{@code append_output(ptr, len) -> i32}: 0. The pieces together are the output when the run
 * ends well, unless {@code write_output} is called: then they are dropped. STATE after that, and
 * for a command. FAULT.
 */
final class OutputCapability implements BasicCapability {
  private static final List<HostFunction> FUNCTIONS =
      List.of(
          new HostFunction(
              HostFunctionTable.ABI_MODULE,
              "write_output",
              List.of(I32, I32),
              I32,
              OutputCapability::writeOutput),
          new HostFunction(
              HostFunctionTable.ABI_MODULE,
              "append_output",
              List.of(I32, I32),
              I32,
              OutputCapability::appendOutput));

  @Override
  public String name() {
    return "output";
  }

  @Override
  public List<HostFunction> functions() {
    return FUNCTIONS;
  }

  @Override
  public Set<LimitKind> limits() {
    return Set.of(LimitKind.OUTPUT);
  }

  private static long writeOutput(HostCall call) throws GuestStoppedException {
    var wrong = wrong(call, 0);
    if (wrong == null) {
      call.run().writeOutput(Document.of(call.memory().read(call.i32(0), call.i32(1))));
    }
    return wrong == null ? 0 : wrong.code();
  }

  private static long appendOutput(HostCall call) throws GuestStoppedException {
    var wrong = wrong(call, call.run().appendedBytes());
    if (wrong == null) {
      call.run().appendOutput(call.memory().read(call.i32(0), call.i32(1)));
    }
    return wrong == null ? 0 : wrong.code();
  }

  /**
   * Why the bytes cannot be taken, or null if they can.
   *
   * @param before how many bytes there are already
   */
  private static @Nullable AbiError wrong(HostCall call, long before) throws GuestStoppedException {
    var run = call.run();
    if (run.kind() == GuestKind.COMMAND || run.isOutputWritten()) {
      return AbiError.STATE;
    }
    if (!call.memory().contains(call.i32(0), call.i32(1))) {
      return AbiError.FAULT;
    }
    long length = before + Integer.toUnsignedLong(call.i32(1));
    if (length > run.limits().outputBytes()) {
      throw run.exceeded(LimitKind.OUTPUT, run.limits().outputBytes(), length);
    }
    return null;
  }
}
