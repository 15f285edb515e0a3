package org.wasmbroker.sandbox;

import static java.util.stream.Collectors.joining;

import java.util.List;

/** What a function takes and gives. */
public record FunctionType(List<ValueType> params, List<ValueType> results) {
  /** A function of nothing that gives nothing. */
  public static final FunctionType VOID = new FunctionType(List.of(), List.of());

  /** A function of nothing that gives an i32. */
  public static final FunctionType EXIT_CODE = new FunctionType(List.of(), List.of(ValueType.I32));

  public FunctionType {
    params = List.copyOf(params);
    results = List.copyOf(results);
  }

  /** As WebAssembly's text format writes it, such as {@code (i32, i32) -> i32}. */
  @Override
  public String toString() {
    return inParentheses(params)
        + " -> "
        + (results.size() == 1 ? results.getFirst().toString() : inParentheses(results));
  }

  private static String inParentheses(List<ValueType> types) {
    return types.stream().map(ValueType::toString).collect(joining(", ", "(", ")"));
  }
}
