package org.wasmbroker.sandbox.component;

import static java.util.stream.Collectors.joining;

import java.util.List;
import org.wasmbroker.step.WireName;

/**
 * The {@code error-code} of {@code wasi:filesystem}, in its order, with the error number of WASI
 * preview 1 that means the same.
 */
enum FileErrorCode {
  ACCESS(2),
  WOULD_BLOCK(6),
  ALREADY(7),
  BAD_DESCRIPTOR(8),
  BUSY(10),
  DEADLOCK(16),
  QUOTA(19),
  EXIST(20),
  FILE_TOO_LARGE(22),
  ILLEGAL_BYTE_SEQUENCE(25),
  IN_PROGRESS(26),
  INTERRUPTED(27),
  INVALID(28),
  IO(29),
  IS_DIRECTORY(31),
  LOOP(32),
  TOO_MANY_LINKS(34),
  MESSAGE_SIZE(35),
  NAME_TOO_LONG(37),
  NO_DEVICE(43),
  NO_ENTRY(44),
  NO_LOCK(46),
  INSUFFICIENT_MEMORY(48),
  INSUFFICIENT_SPACE(51),
  NOT_DIRECTORY(54),
  NOT_EMPTY(55),
  NOT_RECOVERABLE(56),
  UNSUPPORTED(58),
  NO_TTY(59),
  NO_SUCH_DEVICE(60),
  OVERFLOW(61),
  NOT_PERMITTED(63),
  PIPE(64),
  READ_ONLY(69),
  INVALID_SEEK(70),
  TEXT_FILE_BUSY(74),
  CROSS_DEVICE(75);

  private static final List<FileErrorCode> ALL = List.of(values());

  /** The enum as WIT writes it. */
  static final String TYPE =
      ALL.stream().map(FileErrorCode::text).collect(joining(", ", "enum{", "}"));

  // Numbers of preview 1 that have no code of their own.
  private static final int TOO_MANY_OPEN = 33;
  private static final int TOO_MANY_OPEN_IN_SYSTEM = 41;
  private static final int NO_SUCH_FUNCTION = 52;
  private static final int NOT_CAPABLE = 76;

  private final int errno;

  FileErrorCode(int errno) {
    this.errno = errno;
  }

  /** That of an error number of WASI preview 1; {@link #IO} of one that no file has. */
  static FileErrorCode of(int errno) {
    return switch (errno) {
      case TOO_MANY_OPEN, TOO_MANY_OPEN_IN_SYSTEM -> QUOTA;
      case NO_SUCH_FUNCTION -> UNSUPPORTED;
      case NOT_CAPABLE -> NOT_PERMITTED;
      default -> ALL.stream().filter(code -> code.errno == errno).findFirst().orElse(IO);
    };
  }

  /** Which case of the enum it is, from 0. */
  int index() {
    return ALL.indexOf(this);
  }

  /** Its number in WASI preview 1. */
  int errno() {
    return errno;
  }

  /** Its name, such as {@code no-entry}. */
  String text() {
    return WireName.hyphenated(this);
  }
}
