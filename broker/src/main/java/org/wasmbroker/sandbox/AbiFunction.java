package org.wasmbroker.sandbox;

import static java.util.stream.Collectors.joining;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.wasmbroker.step.WireName;

/** The broker's own host functions, each of which is granted by itself. */
public enum AbiFunction {
  READ_INPUT,
  WRITE_OUTPUT,
  LOG,
  GET_TIME,
  HTTP_REQUEST,
  READ_SECRET;

  /** What a handler needs to do anything at all, and what reaches nothing but the broker's log. */
  public static Set<AbiFunction> basic() {
    return EnumSet.of(READ_INPUT, WRITE_OUTPUT, LOG, GET_TIME);
  }

  /** The name by which guests import it and manifests and policies call it. */
  public String text() {
    return WireName.of(this);
  }

  /** Finds a function by its {@link #text}. */
  public static Optional<AbiFunction> of(String name) {
    return Arrays.stream(values()).filter(function -> function.text().equals(name)).findFirst();
  }

  /** All names, with commas between them. */
  public static String names() {
    return Arrays.stream(values()).map(AbiFunction::text).collect(joining(", "));
  }
}
