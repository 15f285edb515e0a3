package org.wasmbroker.sandbox;

import static java.util.stream.Collectors.joining;

import java.util.List;

/** The parameter and result types of a function. */
public record FunctionType(List<ValueType> params, List<ValueType> results) {
  /** No parameters and no result. */
  public static final FunctionType VOID = new FunctionType(List.of(), List.of());

  /** No parameters and an i32 as the result. */
  public static final FunctionType EXIT_CODE = new FunctionType(List.of(), List.of(ValueType.I32));

  public FunctionType {
    params = List.copyOf(params);
    results = List.copyOf(results);
  }

  /** In the notation of the text format, such as {@code (i32, i32) -> i32}. */
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
