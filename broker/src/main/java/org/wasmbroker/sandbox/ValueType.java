package org.wasmbroker.sandbox;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.WireName;

/**
 * The value types of WebAssembly, with their codes in the binary format. Host functions use the
 * numeric ones.
 */
public enum ValueType {
  I32(0x7f),
  I64(0x7e),
  F32(0x7d),
  F64(0x7c),
  V128(0x7b),
  FUNCREF(0x70),
  EXTERNREF(0x6f);

  private final int code;

  ValueType(int code) {
    this.code = code;
  }

  /** The type's code in the binary format. */
  public int code() {
    return code;
  }

  /** The type with a code, or null if the code is not that of a value type. */
  public static @Nullable ValueType ofCode(int code) {
    for (var type : values()) {
      if (type.code == code) {
        return type;
      }
    }
    return null;
  }

  /** The name in the text format, such as {@code i32}. */
  @Override
  public String toString() {
    return WireName.of(this);
  }
}
