package org.wasmbroker.sandbox.component;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.FunctionType;
import org.wasmbroker.sandbox.ValueType;

/** The type of a component's function. */
record Signature(List<WitType> params, @Nullable WitType result) {
  /** More core parameters than this travel in memory. */
  private static final int MAX_FLAT_PARAMS = 16;

  Signature {
    params = List.copyOf(params);
  }

  /** Whether the parameters lie in memory, and a pointer to them is the only parameter. */
  boolean paramsInMemory() {
    return flatParams().size() > MAX_FLAT_PARAMS;
  }

  /** Whether the result does not fit one core value, and so lies in memory. */
  boolean resultInMemory() {
    return result != null && result.flat().size() > 1;
  }

  List<ValueType> flatParams() {
    return params.stream().flatMap(param -> param.flat().stream()).toList();
  }

  /** The core function by which a guest calls it: a result in memory goes to a last parameter. */
  FunctionType lowered() {
    var core = new ArrayList<>(coreParams());
    if (resultInMemory()) {
      core.add(ValueType.I32);
      return new FunctionType(core, List.of());
    }
    return new FunctionType(core, result == null ? List.of() : result.flat());
  }

  /** The core function that a guest exports for it: it returns a pointer to a result in memory. */
  FunctionType lifted() {
    return new FunctionType(
        coreParams(),
        resultInMemory() ? List.of(ValueType.I32) : result == null ? List.of() : result.flat());
  }

  /** What a guest exports to be called after that: it takes what that returned. */
  FunctionType postReturn() {
    return new FunctionType(lifted().results(), List.of());
  }

  private List<ValueType> coreParams() {
    return paramsInMemory() ? List.of(ValueType.I32) : flatParams();
  }

  /** As WIT writes it without names of parameters, such as {@code func(string) -> u32}. */
  String text() {
    return params.stream().map(WitType::text).collect(joining(", ", "func(", ")"))
        + (result == null ? "" : " -> " + result.text());
  }
}
