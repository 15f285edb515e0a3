package org.wasmbroker.sandbox.wasmtime;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.disk.PrivateDirectory;
import org.wasmbroker.sandbox.EngineUnavailableException;
import org.wasmbroker.step.Digest;

/**
 * Finds the libwasmtime to load: the configured one, or the bundled one, which is extracted into a
 * directory named after its digest. Only this process's user can write there, who could as well
 * replace the jar; so a file there is compared with the jar's checksum, which finds damage. To hash
 * 30 MB would be a quarter of the time of a short command, whose JVM has only its fast compiler.
 */
final class NativeLibrary {
  /** The version that the binding was written for. */
  static final String VERSION = "50.0.1";

  static final String MAJOR = VERSION.substring(0, VERSION.indexOf('.'));

  private static final String PARTS = "/org/wasmbroker/parts/";
  private static final String FILE = "libwasmtime.so";
  private static final int ELF_HEADER = 20;
  private static final int ELF_64_BIT = 2;
  private static final int MACHINE_X86_64 = 62;
  private static final int MACHINE_AARCH64 = 183;

  private NativeLibrary() {}

  /**
   * Loads the library.
   *
   * @param configured a file to use instead of the bundled one, or null
   * @param cacheDirectory where the bundled one is extracted
   * @throws EngineUnavailableException if there is none that works on this machine
   */
  static LibWasmtime load(@Nullable Path configured, Path cacheDirectory) {
    checkPlatform(System.getProperty("os.name"));
    if (configured != null) {
      checkFile(configured);
      return LibWasmtime.load(configured.toAbsolutePath());
    }
    return loadBundled(cacheDirectory);
  }

  /**
   * The version; of a configured library only the major version is known, unless it is a copy of
   * the bundled one.
   */
  static String version(@Nullable Path configured) {
    return configured == null || isBundled(configured) ? VERSION : MAJOR;
  }

  private static boolean isBundled(Path configured) {
    try {
      return isBundled(configured, bundledDigest());
    } catch (IOException | EngineUnavailableException unknown) {
      return false;
    }
  }

  /** {@code $XDG_CACHE_HOME/wasm-broker}, or {@code ~/.cache/wasm-broker}. */
  static Path userCacheDirectory() {
    var cacheDirectory = System.getenv("XDG_CACHE_HOME");
    var base =
        cacheDirectory == null || cacheDirectory.isBlank()
            ? Path.of(System.getProperty("user.home"), ".cache")
            : Path.of(cacheDirectory);
    return base.resolve("wasm-broker");
  }

  private static LibWasmtime loadBundled(Path cacheDirectory) {
    var digest = bundledDigest();
    Path file;
    try {
      file =
          extract(
              PrivateDirectory.ensure(cacheDirectory.resolve("lib").resolve(digest.hex())), digest);
    } catch (IOException noCache) {
      return loadFromTemporaryFile(digest, noCache);
    }
    checkFile(file);
    return LibWasmtime.load(file);
  }

  /** For machines without a writable cache directory. A loaded library no longer needs its file. */
  private static LibWasmtime loadFromTemporaryFile(Digest digest, IOException noCache) {
    try {
      var directory = Files.createTempDirectory("wasm-broker-");
      try {
        var file = extract(directory, digest);
        checkFile(file);
        return LibWasmtime.load(file);
      } finally {
        Files.deleteIfExists(directory.resolve(FILE));
        Files.delete(directory);
      }
    } catch (IOException failed) {
      failed.addSuppressed(noCache);
      throw new EngineUnavailableException(
          "the bundled libwasmtime cannot be extracted, neither into the cache directory ("
              + noCache.getMessage()
              + ") nor into "
              + System.getProperty("java.io.tmpdir"),
          failed);
    }
  }

  private static Path extract(Path directory, Digest digest) throws IOException {
    var file = directory.resolve(FILE);
    if (isBundled(file, digest)) {
      return file;
    }
    var bytes = resource(FILE).readAllBytes();
    if (!Digest.of(bytes).equals(digest)) {
      throw new EngineUnavailableException(
          "the bundled libwasmtime has SHA-256 %s, expected %s; rebuild the broker"
              .formatted(Digest.of(bytes), digest),
          null);
    }
    var partial = Files.createTempFile(directory, FILE, ".part");
    Files.write(partial, bytes);
    Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
    return file;
  }

  private static boolean isBundled(Path file, Digest digest) throws IOException {
    if (!Files.isRegularFile(file)) {
      return false;
    }
    var bundled = NativeLibrary.class.getResource(PARTS + FILE);
    var checksum = bundled == null ? null : JarChecksum.of(bundled);
    if (checksum != null) {
      return checksum.matches(file);
    }
    try (var stream = Files.newInputStream(file)) {
      return Digest.of(stream).equals(digest);
    }
  }

  private static Digest bundledDigest() {
    try (var text = resource("libwasmtime.sha256")) {
      return new Digest(new String(text.readAllBytes(), StandardCharsets.US_ASCII).strip());
    } catch (IOException unreadable) {
      throw new EngineUnavailableException("cannot read the bundled libwasmtime", unreadable);
    }
  }

  private static InputStream resource(String name) {
    var stream = NativeLibrary.class.getResourceAsStream(PARTS + name);
    if (stream == null) {
      throw new EngineUnavailableException(
          "this broker contains no libwasmtime; build it with Maven, or configure a libwasmtime "
              + VERSION
              + " with engine.library",
          null);
    }
    return stream;
  }

  private static void checkPlatform(String os) {
    if (!os.toLowerCase(Locale.ROOT).equals("linux")) {
      throw new EngineUnavailableException(
          "libwasmtime is supported on Linux only, this is " + os, null);
    }
  }

  /** Reports what is wrong with a file, since the loader gives no reason. */
  private static void checkFile(Path file) {
    byte[] header;
    try (var stream = Files.newInputStream(file)) {
      header = Arrays.copyOf(stream.readNBytes(ELF_HEADER), ELF_HEADER);
    } catch (IOException unreadable) {
      throw new EngineUnavailableException("cannot read libwasmtime from " + file, unreadable);
    }
    if (header[0] != 0x7F || header[1] != 'E' || header[2] != 'L' || header[3] != 'F') {
      throw new EngineUnavailableException(file + " is not a Linux shared library", null);
    }
    int machine = (header[18] & 0xFF) | (header[19] & 0xFF) << 8;
    if (header[4] != ELF_64_BIT || machine != expectedMachine()) {
      throw new EngineUnavailableException(
          "%s is a library for another processor (ELF machine %d), this is %s"
              .formatted(file, machine, System.getProperty("os.arch")),
          null);
    }
  }

  private static int expectedMachine() {
    var processor = System.getProperty("os.arch");
    return switch (processor) {
      case "amd64" -> MACHINE_X86_64;
      case "aarch64" -> MACHINE_AARCH64;
      default ->
          throw new EngineUnavailableException(
              "libwasmtime is not available for "
                  + processor
                  + "; supported are x86-64 and aarch64",
              null);
    };
  }
}
