package org.wasmbroker.sandbox.wasmtime;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.disk.AtomicFile;
import org.wasmbroker.disk.PrivateDirectory;
import org.wasmbroker.step.Digest;

/**
 * Modules that were compiled before the broker was started, such as those in its container image.
 * They are only read, and trusted like the broker's own jar: because of who could have written
 * them. The directory and each file must belong to root or to the broker's user, and nobody else
 * may have write access. A digest over settings, module and code finds damage and mix-ups; it keeps
 * out nobody who can write there.
 *
 * <p>Code that does not fit the engine's settings has another name, and the engine itself refuses
 * code for a processor that this machine does not have: such modules are compiled.
 */
final class CompileSeed {
  private static final Logger log = LoggerFactory.getLogger(CompileSeed.class);

  private final Path directory;
  private final String fingerprint;

  private CompileSeed(Path directory, String fingerprint) {
    this.directory = directory;
    this.fingerprint = fingerprint;
  }

  /** Opens the directory, or logs a warning and returns null if it cannot be trusted or read. */
  static @Nullable CompileSeed open(Path directory, String fingerprint) {
    try {
      PrivateDirectory.requireProtected(directory);
      return new CompileSeed(directory, fingerprint);
    } catch (IOException unusable) {
      log.atWarn()
          .addKeyValue("directory", directory)
          .addKeyValue("cause", unusable.toString())
          .log("Cannot use the precompiled modules; they are compiled at the start");
      return null;
    }
  }

  /** The code of a module, in memory of the arena, or null if there is none that is trusted. */
  @Nullable MemorySegment find(Digest module, Arena arena) {
    var file = directory.resolve(CodeFiles.name(module, fingerprint));
    try {
      PrivateDirectory.requireProtected(file);
      var bytes = CodeFiles.read(file, arena);
      if (bytes.byteSize() > CodeFiles.HEAD_BYTES) {
        var code = bytes.asSlice(CodeFiles.HEAD_BYTES);
        var head = bytes.asSlice(0, CodeFiles.HEAD_BYTES).toArray(ValueLayout.JAVA_BYTE);
        if (MessageDigest.isEqual(digest(fingerprint, module, code), head)) {
          return code;
        }
      }
      log.atWarn().addKeyValue("file", file).log("A precompiled module is damaged; compiling it");
    } catch (NoSuchFileException notThere) {
      return null;
    } catch (ClosedByInterruptException stopping) { // the compilation ends in the same way
      Thread.currentThread().interrupt();
    } catch (IOException unusable) {
      log.atWarn()
          .addKeyValue("file", file)
          .addKeyValue("cause", unusable.toString())
          .log("Cannot use a precompiled module; compiling it");
    }
    return null;
  }

  /**
   * Writes the code of a module into a directory that becomes a seed.
   *
   * @param code in native memory
   */
  static void write(Path directory, String fingerprint, Digest module, MemorySegment code)
      throws IOException {
    AtomicFile.write(
        directory.resolve(CodeFiles.name(module, fingerprint)),
        "rw-r--r--",
        partial -> {
          try (var out = FileChannel.open(partial, StandardOpenOption.WRITE)) {
            AtomicFile.write(out, ByteBuffer.wrap(digest(fingerprint, module, code)));
            AtomicFile.write(out, code.asByteBuffer());
          }
        });
  }

  private static byte[] digest(String fingerprint, Digest module, MemorySegment code) {
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      // The settings are terminated by a byte that they cannot contain.
      digest.update(fingerprint.getBytes(StandardCharsets.UTF_8));
      digest.update((byte) 0);
      digest.update(module.hex().getBytes(StandardCharsets.US_ASCII));
      digest.update(code.asByteBuffer());
      return digest.digest();
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
