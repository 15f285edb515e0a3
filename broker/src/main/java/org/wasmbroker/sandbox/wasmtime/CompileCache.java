package org.wasmbroker.sandbox.wasmtime;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.disk.AtomicFile;
import org.wasmbroker.disk.PrivateDirectory;
import org.wasmbroker.disk.UsedFile;
import org.wasmbroker.disk.UsedFile.Freed;
import org.wasmbroker.sandbox.CompileCacheBounds;
import org.wasmbroker.step.Digest;

/**
 * Compiled modules that survive restarts. A compiled module is native code that libwasmtime does
 * not verify, so a file is used only if it has a valid MAC over the engine's settings, the module's
 * digest and the code, made with a key in the same private directory. Otherwise the module is
 * compiled again and the file replaced. A cache failure costs a compilation, never a run.
 *
 * <p>What was not used for long is dropped, and what is beyond the cache's size, least recently
 * used first, whichever engine and settings it was compiled for. Several brokers may share a cache:
 * whoever is reading a file that another one drops reads it to its end.
 */
final class CompileCache {
  private static final Logger log = LoggerFactory.getLogger(CompileCache.class);
  private static final String ALGORITHM = "HmacSHA256";
  private static final Duration TRIM_INTERVAL = Duration.ofDays(1);
  private static final int KEY_BYTES = 32;

  private final Path directory;
  private final CompileCacheBounds bounds;
  private final SecretKeySpec key;
  private final String fingerprint;
  private Instant trimmed = Instant.MIN; // guarded by this
  private long bytes; // about, of all files; guarded by this

  private CompileCache(
      Path directory, CompileCacheBounds bounds, SecretKeySpec key, String fingerprint) {
    this.directory = directory;
    this.bounds = bounds;
    this.key = key;
    this.fingerprint = fingerprint;
  }

  /**
   * Opens the cache, or logs a warning and returns null if the directory cannot be used.
   *
   * @param fingerprint identifies the engine and its settings
   */
  static @Nullable CompileCache open(
      Path directory, CompileCacheBounds bounds, String fingerprint) {
    try {
      PrivateDirectory.ensure(directory);
      var key = loadOrCreateKey(directory.resolve("key"));
      var cache = new CompileCache(directory, bounds, key, fingerprint);
      cache.added(0, null);
      return cache;
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
      var bytes = CodeFiles.read(file, arena);
      if (bytes.byteSize() > CodeFiles.HEAD_BYTES) {
        var mac = bytes.asSlice(0, CodeFiles.HEAD_BYTES).toArray(ValueLayout.JAVA_BYTE);
        var code = bytes.asSlice(CodeFiles.HEAD_BYTES);
        if (MessageDigest.isEqual(mac(module, code), mac)) {
          UsedFile.touch(file, Instant.now());
          return code;
        }
      }
      log.atWarn()
          .addKeyValue("file", file)
          .log("A cached module has an invalid MAC; compiling it again");
    } catch (NoSuchFileException notCached) {
      return null;
    } catch (ClosedByInterruptException stopping) { // the compilation ends in the same way
      Thread.currentThread().interrupt();
      return null;
    } catch (IOException unusable) {
      log.atWarn()
          .addKeyValue("file", file)
          .addKeyValue("cause", unusable.toString())
          .log("Cannot use a cached module; compiling it again");
    }
    return null;
  }

  /**
   * Stores the code of a module.
   *
   * @param code in native memory
   */
  void store(Digest module, MemorySegment code) {
    var file = file(module);
    try {
      // Not forced to the disk: whatever is lost with the machine's power has no valid MAC.
      AtomicFile.write(
          file,
          "rw-------",
          partial -> {
            try (var out = FileChannel.open(partial, StandardOpenOption.WRITE)) {
              AtomicFile.write(out, ByteBuffer.wrap(mac(module, code)));
              AtomicFile.write(out, code.asByteBuffer());
            }
          });
      added(CodeFiles.HEAD_BYTES + code.byteSize(), file);
    } catch (ClosedByInterruptException stopping) { // the next start compiles it
      Thread.currentThread().interrupt();
    } catch (IOException failed) {
      log.atWarn()
          .addKeyValue("directory", directory)
          .addKeyValue("cause", failed.toString())
          .log("Cannot store a compiled module");
    }
  }

  private void added(long added, @Nullable Path stored) throws IOException {
    var freed = trimIfDue(added, stored);
    if (freed.files() > 0) {
      log.atInfo()
          .addKeyValue("directory", directory)
          .addKeyValue("modules", freed.files())
          .addKeyValue("bytes", freed.bytes())
          .log("compiled modules that were not used for long are dropped from the cache");
    }
  }

  /**
   * Drops what the bounds do not allow: once a day, and when the cache has become too large.
   *
   * @param added its bytes
   * @param stored what was added, or null; it is dropped last, whatever its time says: a file
   *     system may give two files the same one, and has a clock of its own
   */
  private synchronized Freed trimIfDue(long added, @Nullable Path stored) throws IOException {
    bytes += added;
    var now = Instant.now();
    if (bytes <= bounds.bytes() && trimmed.isAfter(now.minus(TRIM_INTERVAL))) {
      return Freed.NOTHING;
    }
    AtomicFile.removeAbandoned(directory, now);
    var files = UsedFile.list(directory, name -> name.endsWith(CodeFiles.SUFFIX));
    var oldest = now.minus(bounds.age());
    var last = files.stream().filter(file -> file.path().equals(stored)).toList();
    var others = files.stream().filter(file -> !file.path().equals(stored)).toList();
    var old = others.stream().filter(file -> file.used().isBefore(oldest)).toList();
    var young = others.stream().filter(file -> !file.used().isBefore(oldest)).toList();
    long largest = bounds.bytes() - UsedFile.bytes(last);
    var freed =
        UsedFile.remove(old, Long.MAX_VALUE)
            .plus(UsedFile.remove(young, UsedFile.bytes(young) - largest))
            .plus(UsedFile.remove(last, -largest));
    bytes = UsedFile.bytes(files) - freed.bytes();
    trimmed = now;
    return freed;
  }

  private Path file(Digest module) {
    return directory.resolve(CodeFiles.name(module, fingerprint));
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
