package org.wasmbroker.sandbox.wasmtime;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.wasmbroker.step.Digest;

/**
 * Files of machine code: an authentication of 32 bytes, whose kind depends on whose files they are,
 * and the code.
 */
final class CodeFiles {
  static final String SUFFIX = ".cwasm";

  /** The size of what authenticates the code; the code begins behind it, aligned as it must be. */
  static final int HEAD_BYTES = 32;

  private CodeFiles() {}

  /** The name of a module's code for an engine with these settings. */
  static String name(Digest module, String fingerprint) {
    var settings = Digest.of(fingerprint.getBytes(StandardCharsets.UTF_8));
    return module.hex() + "-" + settings.hex().substring(0, 16) + SUFFIX;
  }

  /** Reads, not maps: another process must not be able to change what was checked. */
  static MemorySegment read(Path file, Arena arena) throws IOException {
    try (var channel = FileChannel.open(file)) {
      var bytes = arena.allocate(channel.size(), HEAD_BYTES);
      var buffer = bytes.asByteBuffer();
      while (buffer.hasRemaining()) {
        if (channel.read(buffer) < 0) {
          throw new EOFException(file + " became shorter");
        }
      }
      return bytes;
    }
  }
}
