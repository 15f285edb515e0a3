package org.wasmbroker.step;

import java.util.Locale;

/** How the constants of an enum are written in documents, metrics, logs and configuration. */
public final class WireName {
  private WireName() {}

  /** In lower case, such as {@code host_calls} for {@code HOST_CALLS}. */
  public static String of(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  /** In lower case with hyphens, such as {@code wasmtime-java} for {@code WASMTIME_JAVA}. */
  public static String hyphenated(Enum<?> constant) {
    return of(constant).replace('_', '-');
  }
}
