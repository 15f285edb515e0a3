package org.wasmbroker.sandbox;

import org.jspecify.annotations.Nullable;

/** What {@code http_request} of ABI v1 does, as {@code docs/guest-abi.md} numbers it. */
public enum HttpOperation {
  SEND(0),
  HEAD(1),
  BODY(2),
  CLOSE(3),
  ERROR(4),
  BEGIN(5),
  WRITE(6),
  FINISH(7);

  private final int code;

  HttpOperation(int code) {
    this.code = code;
  }

  public int code() {
    return code;
  }

  /** The operation with that number, or null. */
  public static @Nullable HttpOperation ofCode(int code) {
    for (var operation : values()) {
      if (operation.code == code) {
        return operation;
      }
    }
    return null;
  }
}
