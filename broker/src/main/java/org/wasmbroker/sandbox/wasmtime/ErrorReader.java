package org.wasmbroker.sandbox.wasmtime;

import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.TrapKind;
import org.wasmbroker.sandbox.host.StopReason;
import org.wasmbroker.step.SafeText;

/** Reads and frees the errors and traps of libwasmtime. */
final class ErrorReader {
  private static final int MAX_FRAMES = 32;
  private static final int MAX_NAME_LENGTH = 120;
  private static final int MAX_MESSAGE_LENGTH = 2000;
  private static final int MAX_LINES = 20;
  private static final int MAX_LINE_LENGTH = 200;
  private static final int INTERRUPTED = 10;
  private static final int OUT_OF_FUEL = 11;

  private final LibWasmtime lib;

  ErrorReader(LibWasmtime lib) {
    this.lib = lib;
  }

  /** The message of an error, which is freed, on one line. */
  String message(long error) {
    return SafeText.sanitize(consumeMessage(error), MAX_MESSAGE_LENGTH);
  }

  /** The message of an error, which is freed, with its lines. */
  String lines(long error) {
    return consumeMessage(error)
        .lines()
        .limit(MAX_LINES)
        .map(line -> SafeText.sanitize(line, MAX_LINE_LENGTH).stripTrailing())
        .collect(Collectors.joining("\n"));
  }

  private String consumeMessage(long error) {
    try (var arena = Arena.ofConfined()) {
      long vector = arena.allocate(16).address();
      lib.call("wasmtime_error_message", error, vector);
      return consumeRawText(vector);
    } finally {
      lib.call("wasmtime_error_delete", error);
    }
  }

  /** Frees an error or a trap without reading it; 0 is none. */
  void discard(long error, long trap) {
    if (error != 0) {
      lib.call("wasmtime_error_delete", error);
    }
    if (trap != 0) {
      lib.call("wasm_trap_delete", trap);
    }
  }

  /** Why the guest stopped, from an error or a trap (the other is 0), which is freed. */
  StopReason stopReason(long error, long trap, Limits limits) {
    if (error != 0) {
      return new StopReason.Trapped(TrapKind.OTHER, message(error), List.of());
    }
    try (var arena = Arena.ofConfined()) {
      long out = arena.allocate(16, 8).address();
      int code =
          lib.callForBoolean("wasmtime_trap_code", trap, out) ? NativeMemory.getByte(out) : -1;
      if (code == INTERRUPTED) {
        return StopReason.Trapped.interrupted();
      }
      if (code == OUT_OF_FUEL) {
        return new StopReason.LimitExceeded(LimitKind.FUEL, limits.fuel(), limits.fuel());
      }
      lib.call("wasm_trap_message", trap, out);
      var message = consumeText(out);
      return new StopReason.Trapped(kind(code), message, backtrace(trap, out));
    } finally {
      lib.call("wasm_trap_delete", trap);
    }
  }

  private static TrapKind kind(int code) {
    return switch (code) {
      case -1 -> TrapKind.HOST_FUNCTION;
      case 0 -> TrapKind.STACK_OVERFLOW;
      case 1 -> TrapKind.MEMORY_OUT_OF_BOUNDS;
      case 3 -> TrapKind.TABLE_OUT_OF_BOUNDS;
      case 4 -> TrapKind.INDIRECT_CALL_TO_NULL;
      case 5 -> TrapKind.BAD_SIGNATURE;
      case 6 -> TrapKind.INTEGER_OVERFLOW;
      case 7 -> TrapKind.INTEGER_DIVISION_BY_ZERO;
      case 8 -> TrapKind.BAD_CONVERSION_TO_INTEGER;
      case 9 -> TrapKind.UNREACHABLE;
      default -> TrapKind.OTHER;
    };
  }

  private List<String> backtrace(long trap, long frames) {
    lib.call("wasm_trap_trace", trap, frames);
    long count = NativeMemory.getLong(frames);
    long data = NativeMemory.getLong(frames + 8);
    var lines = new ArrayList<String>();
    for (long i = 0; i < count && i < MAX_FRAMES; i++) {
      lines.add(frame(NativeMemory.getLong(data + 8 * i)));
    }
    lib.call("wasm_frame_vec_delete", frames);
    return lines;
  }

  private String frame(long frame) {
    int function = (int) lib.call("wasm_frame_func_index", frame);
    long offset = lib.call("wasm_frame_module_offset", frame);
    long name = lib.call("wasmtime_frame_func_name", frame);
    var location = "function %d at 0x%x".formatted(function, offset);
    return name == 0
        ? location
        : SafeText.sanitize(text(name), MAX_NAME_LENGTH) + " (" + location + ")";
  }

  /** The text of a {@code wasm_byte_vec_t}, which is freed. */
  private String consumeText(long vector) {
    return SafeText.sanitize(consumeRawText(vector), MAX_MESSAGE_LENGTH);
  }

  private String consumeRawText(long vector) {
    var text = text(vector);
    lib.call("wasm_byte_vec_delete", vector);
    return text;
  }

  private static String text(long vector) {
    var bytes = NativeMemory.bytes(NativeMemory.getLong(vector + 8), NativeMemory.getLong(vector));
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
