package org.wasmbroker.sandbox;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The value types of a WebAssembly module, with their bytes in the binary format. */
public enum CoreType {
  I32(0x7f),
  I64(0x7e),
  F32(0x7d),
  F64(0x7c),
  V128(0x7b),
  FUNCREF(0x70),
  EXTERNREF(0x6f);

  private final int code;

  CoreType(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }

  static @Nullable CoreType ofCode(int code) {
    for (var type : values()) {
      if (type.code == code) {
        return type;
      }
    }
    return null;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
