package org.wasmbroker.capability;

import static org.wasmbroker.sandbox.ValueType.I32;

import java.util.List;
import java.util.Set;
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
 */
final class OutputCapability implements BasicCapability {
  private static final List<HostFunction> FUNCTIONS =
      List.of(
          new HostFunction(
              HostFunctionTable.ABI_MODULE,
              "write_output",
              List.of(I32, I32),
              I32,
              OutputCapability::writeOutput));

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
    var run = call.run();
    if (run.kind() == GuestKind.COMMAND || run.output() != null) {
      return AbiError.STATE.code();
    }
    var memory = call.memory();
    if (!memory.contains(call.i32(0), call.i32(1))) {
      return AbiError.FAULT.code();
    }
    long length = Integer.toUnsignedLong(call.i32(1));
    if (length > run.limits().outputBytes()) {
      throw run.exceeded(LimitKind.OUTPUT, run.limits().outputBytes(), length);
    }
    run.output(Document.of(memory.read(call.i32(0), call.i32(1))));
    return 0;
  }
}
