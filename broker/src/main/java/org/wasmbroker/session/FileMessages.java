package org.wasmbroker.session;

import org.wasmbroker.sandbox.files.FileError;

/** What a refused file operation is for people. */
final class FileMessages {
  private FileMessages() {}

  static String of(FileError error) {
    return switch (error) {
      case NOT_FOUND -> "there is no such file or directory";
      case IS_DIRECTORY -> "is a directory";
      case NOT_DIRECTORY -> "is below a file, or is not a directory";
      case EXISTS -> "exists";
      case NOT_EMPTY -> "is a directory that is not empty";
      case NO_SPACE, TOO_LARGE -> "there is no room for it in the session's files";
      case NAME_TOO_LONG -> "has a name of more than 255 bytes, or more than 4096 bytes";
      case NOT_TEXT, INVALID, OUTSIDE -> "is not a path that can be used";
      case ACCESS, BAD_DESCRIPTOR, NOT_SUPPORTED, OTHER_DIRECTORY, READ_ONLY, TOO_MANY_OPEN ->
          "is not allowed";
    };
  }

  /** What to do then. */
  static String advice(FileError error) {
    return switch (error) {
      case NOT_FOUND, IS_DIRECTORY, NOT_DIRECTORY -> "see what there is with list_files";
      case NOT_EMPTY -> "remove it with \"recursive\": true";
      case NO_SPACE, TOO_LARGE ->
          "remove files, reset the session, or start it with a larger --files";
      default -> "use an absolute path such as /data/a.txt";
    };
  }
}
