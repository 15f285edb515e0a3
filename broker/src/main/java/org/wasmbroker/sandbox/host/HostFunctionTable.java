package org.wasmbroker.sandbox.host;

import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.wasmbroker.sandbox.AbiError;
import org.wasmbroker.sandbox.ValueType;
import org.wasmbroker.sandbox.host.CallCounts.Verdict;

/**
 * Every function that guests may import: those of the capabilities, then WASI's, then what
 * AssemblyScript's compiler needs. A function is identified by its index. Engines define all of
 * them and let {@link Entry#call} handle the calls. Immutable.
 */
public final class HostFunctionTable {
  /** The import module of the broker's own functions, version 1. */
  public static final String ABI_MODULE = "wasm_broker_v1";

  public static final String WASI_MODULE = "wasi_snapshot_preview1";

  /** Where compilers import what they do not define themselves. */
  public static final String ENV_MODULE = "env";

  private final List<Entry> entries;
  private final int[] indexesByName;

  /**
   * @param abi the broker's own functions
   * @throws IllegalArgumentException if two functions have the same name
   */
  public HostFunctionTable(List<HostFunction> abi) {
    var all =
        Stream.of(abi, Wasi.FUNCTIONS, AssemblyScript.FUNCTIONS).flatMap(List::stream).toList();
    this.entries =
        IntStream.range(0, all.size()).mapToObj(index -> new Entry(index, all.get(index))).toList();
    this.indexesByName =
        entries.stream()
            .sorted(Comparator.comparing(entry -> entry.function().name()))
            .mapToInt(Entry::index)
            .toArray();
    var names = new HashSet<String>();
    for (var function : all) {
      if (!names.add(function.name())) {
        throw new IllegalArgumentException("two host functions are named " + function.name());
      }
    }
  }

  public List<HostFunction> all() {
    return entries.stream().map(Entry::function).toList();
  }

  /** The functions with what an engine needs to let a guest call them. */
  public List<Entry> entries() {
    return entries;
  }

  /** The entry of one of the functions. */
  public Entry entry(HostFunction function) {
    return entries.stream()
        .filter(entry -> entry.function().equals(function))
        .findFirst()
        .orElseThrow();
  }

  int size() {
    return entries.size();
  }

  HostFunction get(int index) {
    return entries.get(index).function();
  }

  /** The index of the function at that place in the order of names. */
  int indexByName(int place) {
    return indexesByName[place];
  }

  /**
   * A function at its place in the table. An engine that keeps it as a constant for its calls, as
   * the arguments of a bound method handle are, gets the function compiled into them: then a call
   * allocates nothing for the guest's memory.
   */
  public record Entry(int index, HostFunction function) {
    /**
     * Handles one call: checks the deadline, the cancellation, the limit of host calls, whether it
     * is allowed at this point and granted, runs the function, counts the call.
     *
     * @return the result, an i32 in its low half; anything for a function without one
     * @throws GuestStoppedException when the guest must not continue
     */
    public long call(HostCall call) {
      var run = call.run();
      run.enterHostCall(call);
      var verdict = Verdict.FAILED;
      try {
        long result =
            run.isPreparing() && !function.inPrepare()
                ? refusedInPrepare(function)
                : isGranted(function, run) ? function.body().call(call) : AbiError.DENIED.code();
        verdict = verdict(function, result);
        return result;
      } finally {
        run.callCounts().add(index, verdict);
      }
    }
  }

  private static boolean isGranted(HostFunction function, RunState run) {
    return !function.module().equals(ABI_MODULE)
        || run.invocation().access().isGranted(function.name());
  }

  /** Whatever the grants are, so that what is prepared does not depend on them. */
  private static long refusedInPrepare(HostFunction function) {
    return function.module().equals(WASI_MODULE) ? Errno.PERM : AbiError.STATE.code();
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
