package org.wasmbroker.sandbox.host;

import static org.wasmbroker.sandbox.ValueType.I32;

import java.util.List;
import org.wasmbroker.sandbox.AbiError;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.step.Document;

/**
 * The step document in, the result document out.
 *
 * <ul>
 *   <li>{@code read_input(ptr, cap) -> i32}: the length of the input in bytes. It is copied to
 *       {@code ptr} if {@code cap} is at least that; else nothing is. FAULT.
 *   <li>{@code write_output(ptr, len) -> i32}: 0. Once in a run, and not by a command, whose stdout
 *       is the output: STATE. FAULT. More than the limit ends the run.
 * </ul>
 */
final class InputOutput {
  static final List<HostFunction> FUNCTIONS =
      List.of(
          new HostFunction(
              HostFunctions.ABI_MODULE,
              "read_input",
              List.of(I32, I32),
              I32,
              InputOutput::readInput),
          new HostFunction(
              HostFunctions.ABI_MODULE,
              "write_output",
              List.of(I32, I32),
              I32,
              InputOutput::writeOutput));

  private InputOutput() {}

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
