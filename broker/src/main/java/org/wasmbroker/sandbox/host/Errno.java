package org.wasmbroker.sandbox.host;

/** The error numbers of WASI preview 1 that the broker returns. */
final class Errno {
  static final int SUCCESS = 0;
  static final int BADF = 8;
  static final int FAULT = 21;
  static final int INVAL = 28;
  static final int NAMETOOLONG = 37;
  static final int NOSYS = 52;
  static final int NOTSOCK = 57;
  static final int NOTSUP = 58;
  static final int PERM = 63;
  static final int SPIPE = 70;

  private Errno() {}
}
