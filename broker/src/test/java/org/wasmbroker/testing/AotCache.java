package org.wasmbroker.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The AOT cache that the build makes of the deployable jar, before the integration tests. */
public final class AotCache {
  public static final Path JAR = Path.of("target", "wasm-broker-app.jar");

  private AotCache() {}

  /** Beside the jar. */
  public static Path file() {
    try (var files = Files.newDirectoryStream(JAR.getParent(), "wasm-broker-app-*.aot")) {
      var caches = files.iterator();
      if (!caches.hasNext()) {
        throw new AssertionError("the build made no AOT cache of " + JAR);
      }
      return caches.next().toAbsolutePath();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As the launcher gives them to Java. */
  public static List<String> options() {
    return options(file());
  }

  public static List<String> options(Path cache) {
    return List.of(
        "--enable-native-access=ALL-UNNAMED", // as when it was made
        "-XX:AOTCache=" + cache,
        "-Xlog:disable",
        "-Xlog:all=warning:stderr",
        "-Xlog:aot*=off:stderr",
        "-Xlog:cds*=off:stderr");
  }
}
