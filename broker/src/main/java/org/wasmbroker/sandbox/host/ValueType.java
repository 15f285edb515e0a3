package org.wasmbroker.sandbox.host;

import java.util.Locale;

/** The number types of WebAssembly that host functions use. */
public enum ValueType {
  I32,
  I64,
  F32,
  F64;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
