package org.wasmbroker.sandbox;

import java.util.Locale;

/** The limits whose breach ends a run. */
public enum LimitKind {
  TIME("ms"),
  MEMORY("bytes"),
  TABLE_ELEMENTS("elements"),
  OUTPUT("bytes"),
  HOST_CALLS("calls");

  private final String unit;

  LimitKind(String unit) {
    this.unit = unit;
  }

  public String unit() {
    return unit;
  }

  /** The name on the wire, such as {@code host_calls}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
