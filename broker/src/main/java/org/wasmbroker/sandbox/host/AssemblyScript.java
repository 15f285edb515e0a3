package org.wasmbroker.sandbox.host;

import static org.wasmbroker.sandbox.ValueType.I32;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The function {@code abort} that AssemblyScript's compiler imports: a failed assertion, an error
 * that was thrown, or a violation that its runtime found. The run ends as trapped, with the
 * message, the file, the line and the column that the guest passes.
 *
 * <p>A string is a pointer to UTF-16 in little-endian order; the four bytes before it are its
 * length in bytes. Null is 0.
 */
final class AssemblyScript {
  static final List<HostFunction> FUNCTIONS =
      List.of(
          new HostFunction(
                  HostFunctionTable.ENV_MODULE,
                  "abort",
                  List.of(I32, I32, I32, I32),
                  null,
                  AssemblyScript::abort)
              .callableInPrepare());

  private static final int MAX_STRING_BYTES = 4000;

  private AssemblyScript() {}

  private static long abort(HostCall call) throws GuestStoppedException {
    var message = string(call.memory(), call.i32(0));
    var file = string(call.memory(), call.i32(1));
    throw call.run()
        .aborted(
            "abort: %s in %s:%d:%d"
                .formatted(
                    message.isEmpty() ? "no message" : message,
                    file.isEmpty() ? "an unknown file" : file,
                    Integer.toUnsignedLong(call.i32(2)),
                    Integer.toUnsignedLong(call.i32(3))));
  }

  /** Empty for null and for what is no string in the memory; a long one is cut. */
  private static String string(GuestMemory memory, int pointer) {
    if (Integer.toUnsignedLong(pointer) < 4 || !memory.contains(pointer - 4, 4)) {
      return "";
    }
    int length = memory.readI32(pointer - 4);
    if (!memory.contains(pointer, length)) {
      return "";
    }
    int read = (int) Math.min(Integer.toUnsignedLong(length), MAX_STRING_BYTES) & ~1;
    return new String(memory.read(pointer, read), StandardCharsets.UTF_16LE);
  }
}
