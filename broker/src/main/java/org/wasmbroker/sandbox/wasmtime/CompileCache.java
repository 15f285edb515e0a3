package org.wasmbroker.sandbox.wasmtime;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.step.Digest;

/**
 * Compiled modules that survive restarts. A compiled module is native code that libwasmtime does
 * not verify, so a file is used only if it has a valid MAC over the engine's settings, the module's
 * digest and the code, made with a key in the same private directory. Otherwise the module is
 * compiled again and the file replaced. A cache failure costs a compilation, never a run.
 */
final class CompileCache {
  private static final Logger log = LoggerFactory.getLogger(CompileCache.class);
  private static final String ALGORITHM = "HmacSHA256";
  private static final int MAC_BYTES = 32;
  private static final int KEY_BYTES = 32;

  private final Path directory;
  private final SecretKeySpec key;
  private final String fingerprint;

  private CompileCache(Path directory, SecretKeySpec key, String fingerprint) {
    this.directory = directory;
    this.key = key;
    this.fingerprint = fingerprint;
  }

  /**
   * Opens the cache, or logs a warning and returns null if the directory cannot be used.
   *
   * @param fingerprint identifies the engine and its settings
   */
  static @Nullable CompileCache open(Path directory, String fingerprint) {
    try {
      PrivateDirectory.ensure(directory);
      return new CompileCache(directory, loadOrCreateKey(directory.resolve("key")), fingerprint);
    } catch (IOException unusable) {
      log.atWarn()
          .addKeyValue("directory", directory)
          .addKeyValue("cause", unusable.toString())
          .log("Cannot use the compile cache; modules are compiled at each start");
      return null;
    }
  }

  /**
   * The code of a module, in memory of the arena, or null if there is none or it cannot be trusted.
   */
  @Nullable MemorySegment find(Digest module, Arena arena) {
    var file = file(module);
    try {
      PrivateDirectory.requirePrivate(file);
      var bytes = read(file, arena);
      if (bytes.byteSize() > MAC_BYTES) {
        var mac = bytes.asSlice(0, MAC_BYTES).toArray(ValueLayout.JAVA_BYTE);
        var code = bytes.asSlice(MAC_BYTES);
        if (MessageDigest.isEqual(mac(module, code), mac)) {
          return code;
        }
      }
      log.atWarn()
          .addKeyValue("file", file)
          .log("A cached module has an invalid MAC; compiling it again");
    } catch (NoSuchFileException notCached) {
      return null;
    } catch (IOException unusable) {
      log.atWarn()
          .addKeyValue("file", file)
          .addKeyValue("cause", unusable.toString())
          .log("Cannot use a cached module; compiling it again");
    }
    return null;
  }

  /** Reads, not maps: another process must not be able to change what was checked. */
  private static MemorySegment read(Path file, Arena arena) throws IOException {
    try (var channel = FileChannel.open(file)) {
      // Aligned as the code must be, behind the MAC.
      var bytes = arena.allocate(channel.size(), MAC_BYTES);
      var buffer = bytes.asByteBuffer();
      while (buffer.hasRemaining()) {
        if (channel.read(buffer) < 0) {
          throw new EOFException(file + " became shorter");
        }
      }
      return bytes;
    }
  }

  /**
   * Stores the code of a module.
   *
   * @param code in native memory
   */
  void store(Digest module, MemorySegment code) {
    try {
      var partial = Files.createTempFile(directory, module.hex(), ".part");
      try (var out = FileChannel.open(partial, StandardOpenOption.WRITE)) {
        write(out, ByteBuffer.wrap(mac(module, code)));
        write(out, code.asByteBuffer());
      }
      Files.move(partial, file(module), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException failed) {
      log.atWarn()
          .addKeyValue("directory", directory)
          .addKeyValue("cause", failed.toString())
          .log("Cannot store a compiled module");
    }
  }

  private static void write(FileChannel out, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }

  private Path file(Digest module) {
    var settings = Digest.of(fingerprint.getBytes(StandardCharsets.UTF_8));
    return directory.resolve(module.hex() + "-" + settings.hex().substring(0, 16) + ".cwasm");
  }

  private byte[] mac(Digest module, MemorySegment code) {
    try {
      var mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      // The settings are terminated by a byte that they cannot contain; the digest has a fixed
      // length.
      mac.update(fingerprint.getBytes(StandardCharsets.UTF_8));
      mac.update((byte) 0);
      mac.update(module.hex().getBytes(StandardCharsets.US_ASCII));
      mac.update(code.asByteBuffer());
      return mac.doFinal();
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** Reads or creates the key. If two brokers start at the same time, both use the first one's. */
  private static SecretKeySpec loadOrCreateKey(Path file) throws IOException {
    if (!Files.exists(file)) {
      var newKey = new byte[KEY_BYTES];
      new SecureRandom().nextBytes(newKey);
      var partial =
          Files.createTempFile(
              file.toAbsolutePath().getParent(),
              "key",
              ".part",
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      try {
        Files.write(partial, newKey);
        Files.createLink(file, partial);
      } catch (FileAlreadyExistsException alreadyCreated) {
        log.debug("Another broker has created the key of the compile cache");
      } finally {
        Files.delete(partial);
      }
    }
    PrivateDirectory.requirePrivate(file);
    var bytes = Files.readAllBytes(file);
    if (bytes.length != KEY_BYTES) {
      throw new IOException(file + " has " + bytes.length + " bytes, a key has " + KEY_BYTES);
    }
    return new SecretKeySpec(bytes, ALGORITHM);
  }
}
