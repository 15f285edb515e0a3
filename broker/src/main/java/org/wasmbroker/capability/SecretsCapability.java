package org.wasmbroker.capability;

import static org.wasmbroker.sandbox.ValueType.I32;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.wasmbroker.sandbox.AbiError;
import org.wasmbroker.sandbox.CallRefusedException;
import org.wasmbroker.sandbox.GuestSecrets;
import org.wasmbroker.sandbox.host.HostCall;
import org.wasmbroker.sandbox.host.HostFunction;
import org.wasmbroker.sandbox.host.HostFunctionTable;

/**
 * Secrets.
 *
 * <p>{@code read_secret(name_ptr, name_len, value_ptr, value_cap) -> i32}: the length of the value
 * in bytes. It is copied to {@code value_ptr} if {@code value_cap} is at least that; else nothing
 * is. FAULT; INVALID for a name that no secret can have; DENIED without a grant; NOT_FOUND where
 * none of the broker's sources has it; IO where one has it and cannot give it now.
 */
final class SecretsCapability implements Capability {
  private static final List<HostFunction> FUNCTIONS =
      List.of(
          new HostFunction(
              HostFunctionTable.ABI_MODULE,
              "read_secret",
              List.of(I32, I32, I32, I32),
              I32,
              SecretsCapability::read));

  private static final int NAME_BYTES = 253;

  @Override
  public String name() {
    return "secrets";
  }

  @Override
  public List<HostFunction> functions() {
    return FUNCTIONS;
  }

  @Override
  public boolean isBasic() {
    return false;
  }

  private static GuestSecrets secrets(HostCall call) {
    var secrets = call.run().invocation().access().find(GuestSecrets.class);
    return secrets == null ? GuestSecrets.NONE : secrets;
  }

  private static long read(HostCall call) {
    var memory = call.memory();
    if (!memory.contains(call.i32(0), call.i32(1)) || !memory.contains(call.i32(2), call.i32(3))) {
      return AbiError.FAULT.code();
    }
    if (call.i32(1) == 0 || Integer.toUnsignedLong(call.i32(1)) > NAME_BYTES) {
      return AbiError.INVALID.code();
    }
    var name = new String(memory.read(call.i32(0), call.i32(1)), StandardCharsets.UTF_8);
    if (!name.chars().allMatch(SecretsCapability::isInName)) {
      return AbiError.INVALID.code();
    }
    try {
      var value = secrets(call).read(name);
      if (Integer.toUnsignedLong(call.i32(3)) >= value.length) {
        memory.write(call.i32(2), value, 0, value.length);
      }
      return value.length;
    } catch (CallRefusedException refused) {
      return refused.error().code();
    }
  }

  /** The letters of Kubernetes' keys of a secret. */
  private static boolean isInName(int letter) {
    return (letter >= 'a' && letter <= 'z')
        || (letter >= 'A' && letter <= 'Z')
        || (letter >= '0' && letter <= '9')
        || letter == '_'
        || letter == '-'
        || letter == '.';
  }
}
