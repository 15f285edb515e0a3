package org.wasmbroker.sandbox.host;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.ValueType;

/**
 * One function that guests may import.
 *
 * @param module the import's module, such as {@code wasm_broker_v1}
 * @param name the import's name, such as {@code read_input}
 * @param result the type of the one result, or null for none
 * @param inPrepare whether a guest may call it in {@code prepare}: it gives every guest of the same
 *     configuration the same answer
 */
public record HostFunction(
    String module,
    String name,
    List<ValueType> params,
    @Nullable ValueType result,
    Body body,
    boolean inPrepare) {

  /** Not to be called in {@code prepare}. */
  public HostFunction(
      String module, String name, List<ValueType> params, @Nullable ValueType result, Body body) {
    this(module, name, params, result, body, false);
  }

  /** The same function, which may be called in {@code prepare} as well. */
  public HostFunction callableInPrepare() {
    return new HostFunction(module, name, params, result, body, true);
  }

  /** What a function does. */
  @FunctionalInterface
  public interface Body {
    /**
     * Handles one call. An error of the guest results in an error code; what ends the run is
     * thrown.
     *
     * @return the result, an i32 in its low half; anything for a function without one
     * @throws GuestStoppedException when the guest must not continue
     */
    long call(HostCall call) throws GuestStoppedException;
  }

  /** In the notation of WebAssembly's text format, such as {@code (i32, i32) -> i32}. */
  public String signature() {
    var types = new StringBuilder("(");
    for (var param : params) {
      types.append(types.length() > 1 ? ", " : "").append(param);
    }
    return types.append(") -> ").append(result == null ? "()" : result).toString();
  }
}
