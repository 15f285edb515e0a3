package org.wasmbroker.grant.trust;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The files that a policy names for its keys, relative to its own directory. */
public record KeyFiles(@Nullable Path directory) {
  private static final int MAX_BYTES = 16 << 10;

  /** For a policy that is no file, and so names none. */
  public static final KeyFiles NONE = new KeyFiles(null);

  /**
   * @throws IllegalArgumentException if it cannot be read; the message says why
   */
  String read(String name) {
    if (directory == null) {
      throw new IllegalArgumentException("cannot be read here; write the key out as pem");
    }
    try {
      var file = directory.resolve(name);
      if (Files.exists(file) && !Files.isRegularFile(file)) {
        throw new IllegalArgumentException(file + " is no regular file");
      }
      try (var stream = Files.newInputStream(file)) {
        return new String(stream.readNBytes(MAX_BYTES + 1), StandardCharsets.ISO_8859_1);
      }
    } catch (NoSuchFileException missing) {
      throw new IllegalArgumentException("there is no file " + missing.getFile(), missing);
    } catch (IOException | InvalidPathException unreadable) {
      throw new IllegalArgumentException("cannot be read: " + unreadable.getMessage(), unreadable);
    }
  }
}
