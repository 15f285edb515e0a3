package org.wasmbroker.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.wasmbroker.embedded.EmbeddedPostgres;
import org.wasmbroker.embedded.EmbeddedPostgresConfig;

/**
 * The data of a server as they are after its first start, made once for all JVMs that run tests;
 * copying them takes a tenth of the time.
 */
final class PostgresTemplate {
  private static final Path PARENT = Path.of("target", "postgres").toAbsolutePath();

  private PostgresTemplate() {}

  /**
   * The data directory.
   *
   * @param settings those of the server
   */
  static Path directory(Map<String, String> settings) {
    try {
      Files.createDirectories(PARENT);
      var directory = PARENT.resolve(name(settings));
      try (var lock =
              FileChannel.open(
                  PARENT.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          var _ = lock.lock()) {
        if (!Files.exists(directory)) {
          make(directory, settings);
        }
      }
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void make(Path directory, Map<String, String> settings) throws IOException {
    var unfinished = Files.createTempDirectory(PARENT, "new-").resolve("data");
    var config = EmbeddedPostgresConfig.DEFAULTS.withSettings(settings);
    EmbeddedPostgres.start(config.withDataDirectory(unfinished)).close();
    Files.move(unfinished, directory, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Another one for other settings and other versions of Postgres, which are in the class path. */
  private static String name(Map<String, String> settings) {
    var text = new TreeMap<>(settings) + System.getProperty("java.class.path");
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)), 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
