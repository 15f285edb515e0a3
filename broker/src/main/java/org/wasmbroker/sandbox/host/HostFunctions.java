package org.wasmbroker.sandbox.host;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.AbiError;
import org.wasmbroker.sandbox.AbiFunction;
import org.wasmbroker.sandbox.ValueType;
import org.wasmbroker.sandbox.host.CallCounts.Verdict;

/**
 * The catalogue: every function that guests may import, in the order of {@code docs/guest-abi.md}.
 * A function is known by its place in it. Engines define all of them and let {@link #call} answer.
 */
public final class HostFunctions {
  /** The module of the broker's own functions, version 1. */
  public static final String ABI_MODULE = "wasm_broker_v1";

  public static final String WASI_MODULE = "wasi_snapshot_preview1";

  private static final List<HostFunction> ALL =
      Stream.of(
              InputOutput.FUNCTIONS,
              Logging.FUNCTIONS,
              Time.FUNCTIONS,
              Http.FUNCTIONS,
              Secrets.FUNCTIONS,
              Wasi.FUNCTIONS)
          .flatMap(List::stream)
          .toList();

  /** What has to be granted for a function, by its place; null for those of WASI. */
  private static final @Nullable AbiFunction[] GRANTS =
      ALL.stream()
          .map(
              function ->
                  function.module().equals(ABI_MODULE)
                      ? AbiFunction.of(function.name()).orElseThrow()
                      : null)
          .toArray(AbiFunction[]::new);

  private HostFunctions() {}

  public static List<HostFunction> all() {
    return ALL;
  }

  /**
   * Answers one call of the function at {@code index}: looks at the deadline, the cancellation, the
   * limit of host calls and the grant, runs the function, counts the call.
   *
   * @return the result, an i32 in its low half; anything for a function without one
   * @throws GuestStoppedException when the guest is not to go on
   */
  public static long call(int index, HostCall call) throws GuestStoppedException {
    var function = ALL.get(index);
    var run = call.run();
    run.enterHostCall();
    var verdict = Verdict.FAILED;
    try {
      long result = isGranted(index, run) ? function.body().call(call) : AbiError.DENIED.code();
      verdict = verdict(function, result);
      return result;
    } finally {
      run.callCounts().add(index, verdict);
    }
  }

  private static boolean isGranted(int index, RunState run) {
    var required = GRANTS[index];
    return required == null || run.invocation().access().functions().contains(required);
  }

  private static Verdict verdict(HostFunction function, long result) {
    if (function.result() == null) {
      return Verdict.ALLOWED;
    }
    long value = function.result() == ValueType.I32 ? (int) result : result;
    if (function.module().equals(WASI_MODULE)) {
      return value == Errno.SUCCESS ? Verdict.ALLOWED : Verdict.FAILED;
    }
    return value >= 0
        ? Verdict.ALLOWED
        : value == AbiError.DENIED.code() ? Verdict.DENIED : Verdict.FAILED;
  }
}
