package org.wasmbroker.sandbox.files;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A path from a directory on, taken apart. What {@code .} and {@code ..} mean is decided when it is
 * followed.
 *
 * @param names without empty ones
 * @param slash whether it ends in one, so that it can only be a directory's
 */
public record FilePath(List<String> names, boolean slash) {
  /** Of one path, in bytes. */
  public static final int MAX_BYTES = 4096;

  /** Of one name, in bytes. */
  public static final int MAX_NAME_BYTES = 255;

  public FilePath {
    names = List.copyOf(names);
  }

  /**
   * Parses a path as a guest gives it.
   *
   * @throws FileException INVALID for a zero byte, NOT_TEXT for what is not UTF-8, NAME_TOO_LONG,
   *     OUTSIDE for an absolute path, NOT_FOUND for an empty one
   */
  public static FilePath parse(byte[] bytes) throws FileException {
    if (bytes.length == 0) {
      throw new FileException(FileError.NOT_FOUND);
    }
    if (bytes.length > MAX_BYTES) {
      throw new FileException(FileError.NAME_TOO_LONG);
    }
    if (bytes[0] == '/') {
      throw new FileException(FileError.OUTSIDE);
    }
    var names = new ArrayList<String>();
    int from = 0;
    for (int at = 0; at <= bytes.length; at++) {
      if (at == bytes.length || bytes[at] == '/') {
        if (at - from > MAX_NAME_BYTES) {
          throw new FileException(FileError.NAME_TOO_LONG);
        }
        if (at > from) {
          names.add(text(bytes, from, at));
        }
        from = at + 1;
      } else if (bytes[at] == 0) {
        throw new FileException(FileError.INVALID);
      }
    }
    return new FilePath(names, bytes[bytes.length - 1] == '/');
  }

  /** The same for the path of a file that a person or a program wrote as text. */
  public static FilePath parse(String text) throws FileException {
    return parse(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String text(byte[] bytes, int from, int to) throws FileException {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes, from, to - from))
          .toString();
    } catch (CharacterCodingException invalid) {
      throw new FileException(FileError.NOT_TEXT);
    }
  }
}
