package org.wasmbroker.sandbox.wasmtimejava;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;

/**
 * A private directory in which the library caches compiled modules, so that the first slot compiles
 * a module and the others only load it. The files are trusted code: the directory is created for
 * this process, no other user can access it, and it is deleted with the engine.
 */
final class CompileCache implements AutoCloseable {
  private final Path directory;

  CompileCache() {
    try {
      directory = Files.createTempDirectory("wasm-broker-modules-");
      Files.writeString(
          config(),
          """
          [cache]
          enabled = true
          directory = '%s'
          """
              .formatted(modules()));
    } catch (IOException unusable) {
      throw new UncheckedIOException(
          "cannot create a directory for compiled modules: " + unusable.getMessage(), unusable);
    }
  }

  /** The configuration file that tells the library where the cache is. */
  Path config() {
    return directory.resolve("cache.toml");
  }

  private Path modules() {
    return directory.resolve("modules");
  }

  @Override
  public void close() {
    try {
      // A thread of the library may still write there; it does not follow the rename.
      if (Files.exists(modules())) {
        Files.move(modules(), directory.resolve("closed"));
      }
      delete();
    } catch (IOException left) {
      throw new UncheckedIOException("cannot delete the compiled modules in " + directory, left);
    }
  }

  private void delete() throws IOException {
    try (var files = Files.walk(directory)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
