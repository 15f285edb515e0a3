package org.wasmbroker.sandbox.wasmtimejava;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;

/**
 * A private directory where the library keeps what it compiled, so that a module is compiled by the
 * first slot and only loaded by the others. It is trusted code: the directory is made for this
 * process, nobody else may enter it, and it ends with the engine.
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
          "no directory for compiled modules can be made: " + unusable.getMessage(), unusable);
    }
  }

  /** The file from which the library learns where the cache is. */
  Path config() {
    return directory.resolve("cache.toml");
  }

  private Path modules() {
    return directory.resolve("modules");
  }

  @Override
  public void close() {
    try {
      // A thread of the library's may still write there; it does not follow.
      if (Files.exists(modules())) {
        Files.move(modules(), directory.resolve("closed"));
      }
      delete();
    } catch (IOException left) {
      throw new UncheckedIOException("the compiled modules in " + directory + " stay", left);
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
