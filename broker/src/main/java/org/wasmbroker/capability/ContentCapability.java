package org.wasmbroker.capability;

import static org.wasmbroker.sandbox.ValueType.I32;

import java.util.List;
import org.wasmbroker.sandbox.AbiError;
import org.wasmbroker.sandbox.host.HostCall;
import org.wasmbroker.sandbox.host.HostFunction;
import org.wasmbroker.sandbox.host.HostFunctionTable;

/**
 * What the guest's module carries beside its code, such as a script.
 *
 * <p>{@code read_content(ptr, cap) -> i32}: the length of the content in bytes. It is copied to
 * {@code ptr} if {@code cap} is at least that; else nothing is. FAULT; NOT_FOUND for a module
 * without content.
 */
final class ContentCapability implements BasicCapability {
  private static final List<HostFunction> FUNCTIONS =
      List.of(
          new HostFunction(
                  HostFunctionTable.ABI_MODULE,
                  "read_content",
                  List.of(I32, I32),
                  I32,
                  ContentCapability::readContent)
              .callableInPrepare());

  @Override
  public String name() {
    return "content";
  }

  @Override
  public List<HostFunction> functions() {
    return FUNCTIONS;
  }

  private static long readContent(HostCall call) {
    var content = call.content();
    if (content == null) {
      return AbiError.NOT_FOUND.code();
    }
    if (Integer.toUnsignedLong(call.i32(1)) >= content.size()) {
      var memory = call.memory();
      if (!memory.contains(call.i32(0), content.size())) {
        return AbiError.FAULT.code();
      }
      memory.write(call.i32(0), content.bytes(), 0, content.size());
    }
    return content.size();
  }
}
