package org.wasmbroker.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.wasmbroker.sandbox.EngineConfig;

/** Configurations of engines for whole brokers. */
public final class EngineConfigs {
  private EngineConfigs() {}

  /**
   * The defaults, with compiled modules that all brokers of the tests share, as after a restart.
   */
  public static EngineConfig cached(int slots) {
    var defaults = EngineConfig.of(slots);
    return new EngineConfig(
        slots,
        defaults.memoryBytes(),
        defaults.stackBytes(),
        defaults.tick(),
        defaults.moduleBytes(),
        cache(),
        defaults.library());
  }

  private static Path cache() {
    var directory = Path.of("target", "compiled-modules").toAbsolutePath();
    try {
      return Files.createDirectories(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
