package org.wasmbroker.sandbox.files;

/** Why a file operation is refused, with the error number of WASI preview 1. */
public enum FileError {
  /** What is granted of the directory does not include it. */
  ACCESS(2),
  BAD_DESCRIPTOR(8),
  EXISTS(20),
  /** More bytes than one file can have. */
  TOO_LARGE(22),
  /** A path that is not UTF-8. */
  NOT_TEXT(25),
  INVALID(28),
  IS_DIRECTORY(31),
  TOO_MANY_OPEN(33),
  NAME_TOO_LONG(37),
  NOT_FOUND(44),
  /** The bound on bytes or entries is reached. */
  NO_SPACE(51),
  NOT_DIRECTORY(54),
  NOT_EMPTY(55),
  NOT_SUPPORTED(58),
  /** A path that begins at the root, or leads out of the directory that it starts in. */
  OUTSIDE(63),
  READ_ONLY(69),
  /** From one directory of the grant to another. */
  OTHER_DIRECTORY(75);

  private final int errno;

  FileError(int errno) {
    this.errno = errno;
  }

  /** Its number in WASI preview 1. */
  public int errno() {
    return errno;
  }
}
