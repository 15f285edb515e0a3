package org.wasmbroker.sandbox.wasmtimejava;

import io.github.kawamuray.wasmtime.Trap;
import io.github.kawamuray.wasmtime.WasmFunctionError.TrapError;
import io.github.kawamuray.wasmtime.WasmtimeException;
import java.util.List;
import org.wasmbroker.sandbox.TrapKind;
import org.wasmbroker.sandbox.host.StopReason;
import org.wasmbroker.step.SafeText;
import org.wasmbroker.step.WireName;

/** Maps the library's exceptions to stop reasons. Its traps have no backtrace. */
final class Traps {
  private static final int MAX_MESSAGE_LENGTH = 500;

  private Traps() {}

  static StopReason stopReason(TrapError error) {
    var trap = error.trap();
    return trap == Trap.INTERRUPT
        ? StopReason.Trapped.interrupted()
        : new StopReason.Trapped(kind(trap), "wasm trap: " + text(trap), List.of());
  }

  /**
   * Instantiation runs no guest code here; what can fail is copying segments into memory and
   * tables, which only the message tells apart.
   */
  static StopReason stopReason(WasmtimeException instantiation) {
    var message = SafeText.sanitize(String.valueOf(instantiation.getMessage()), MAX_MESSAGE_LENGTH);
    var kind =
        message.contains("out of bounds table access")
            ? TrapKind.TABLE_OUT_OF_BOUNDS
            : message.contains("out of bounds memory access")
                ? TrapKind.MEMORY_OUT_OF_BOUNDS
                : TrapKind.OTHER;
    return new StopReason.Trapped(kind, message, List.of());
  }

  private static String text(Trap trap) {
    return WireName.of(trap).replace('_', ' ');
  }

  private static TrapKind kind(Trap trap) {
    return switch (trap) {
      case STACK_OVERFLOW -> TrapKind.STACK_OVERFLOW;
      case MEMORY_OUT_OF_BOUNDS, HEAP_MISALIGNED -> TrapKind.MEMORY_OUT_OF_BOUNDS;
      case TABLE_OUT_OF_BOUNDS -> TrapKind.TABLE_OUT_OF_BOUNDS;
      case INDIRECT_CALL_TO_NULL -> TrapKind.INDIRECT_CALL_TO_NULL;
      case BAD_SIGNATURE -> TrapKind.BAD_SIGNATURE;
      case INTEGER_OVERFLOW -> TrapKind.INTEGER_OVERFLOW;
      case INTEGER_DIVISION_BY_ZERO -> TrapKind.INTEGER_DIVISION_BY_ZERO;
      case BAD_CONVERSION_TO_INTEGER -> TrapKind.BAD_CONVERSION_TO_INTEGER;
      case UNREACHABLE_CODE_REACHED -> TrapKind.UNREACHABLE;
      case UNKNOWN, INTERRUPT, ALWAYS_TRAP_ADAPTER, OUF_OF_FUEL -> TrapKind.OTHER;
    };
  }
}
