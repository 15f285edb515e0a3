package org.wasmbroker.sandbox.wasmtimejava;

import io.github.kawamuray.wasmtime.NativeLibraryLoader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.sandbox.EngineUnavailableException;

/**
 * Loads the library's native part, which is packed into its jar. The loader of wasmtime-java
 * unpacks it into the temporary directory at each start and leaves it there, 18 MB a time; here it
 * is deleted as soon as it is mapped.
 */
final class NativeLibrary {
  private static final Logger log = LoggerFactory.getLogger(NativeLibrary.class);
  private static final Set<String> ARCHITECTURES = Set.of("amd64", "x86_64", "aarch64");
  private static final String META = "/wasmtime-java-meta.properties";
  private static final Path MAPS = Path.of("/proc/self/maps");

  private NativeLibrary() {}

  /**
   * Loads it, once for the JVM.
   *
   * @return the version of wasmtime-java
   * @throws EngineUnavailableException saying why it cannot be loaded on this machine
   */
  static String load() {
    var architecture = System.getProperty("os.arch");
    if (!ARCHITECTURES.contains(architecture)) {
      throw unavailable("it has no native part for the processor " + architecture, null);
    }
    try {
      NativeLibraryLoader.load();
    } catch (UnsatisfiedLinkError unusable) {
      throw unavailable(
          "its native part was refused (it needs glibc, so not Alpine, and a temporary directory"
              + " from which programs may run, see -Djava.io.tmpdir): "
              + unusable.getMessage(),
          unusable);
    } catch (RuntimeException unusable) {
      throw unavailable("its native part could not be unpacked: " + unusable, unusable);
    }
    deleteExtractedFile();
    return version();
  }

  private static EngineUnavailableException unavailable(String why, @Nullable Throwable cause) {
    return new EngineUnavailableException(
        "the engine wasmtime-java cannot be used: "
            + why
            + "; the engine wasmtime may serve instead",
        cause);
  }

  /** A mapped file lives on without its name. Other systems than Linux keep the file. */
  private static void deleteExtractedFile() {
    if (!Files.isReadable(MAPS)) {
      return;
    }
    var temporary = Path.of(System.getProperty("java.io.tmpdir"));
    try (var maps = Files.lines(MAPS)) {
      for (var file : maps.map(NativeLibrary::mappedFile).distinct().toList()) {
        if (file.startsWith(temporary) && isExtracted(file)) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException kept) {
      log.atWarn().setCause(kept).log("The unpacked native part of wasmtime-java was not deleted");
    }
  }

  private static boolean isExtracted(Path file) {
    var name = file.getFileName().toString();
    return name.startsWith("libwasmtime_jni_") && name.endsWith(".so");
  }

  private static Path mappedFile(String line) {
    int path = line.indexOf('/');
    return Path.of(path < 0 ? "" : line.substring(path));
  }

  private static String version() {
    var properties = new Properties();
    try (var in = NativeLibraryLoader.class.getResourceAsStream(META)) {
      if (in != null) {
        properties.load(in);
      }
    } catch (IOException unreadable) {
      log.atWarn().setCause(unreadable).log("The version of wasmtime-java cannot be read");
    }
    return properties.getProperty("jnilib.version", "unknown");
  }
}
