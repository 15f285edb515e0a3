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
 * Loads the library's native part, which its jar contains. The loader of wasmtime-java extracts it
 * into the temporary directory at each start and leaves 18 MB there each time; here it is deleted
 * as soon as it is mapped.
 */
final class NativeLibrary {
  private static final Logger log = LoggerFactory.getLogger(NativeLibrary.class);
  private static final Set<String> ARCHITECTURES = Set.of("amd64", "x86_64", "aarch64");
  private static final String META = "/wasmtime-java-meta.properties";
  private static final Path MAPS = Path.of("/proc/self/maps");

  private NativeLibrary() {}

  /**
   * Loads it, once per JVM.
   *
   * @return the version of wasmtime-java
   * @throws EngineUnavailableException if it cannot be loaded on this machine; the message says why
   */
  static String load() {
    var architecture = System.getProperty("os.arch");
    if (!ARCHITECTURES.contains(architecture)) {
      throw unavailable("it has no native part for processor " + architecture, null);
    }
    try {
      NativeLibraryLoader.load();
    } catch (UnsatisfiedLinkError unusable) {
      throw unavailable(
          "its native part cannot be loaded (it needs glibc, so not Alpine, and a temporary"
              + " directory that allows execution, see -Djava.io.tmpdir): "
              + unusable.getMessage(),
          unusable);
    } catch (RuntimeException unusable) {
      throw unavailable("its native part cannot be extracted: " + unusable, unusable);
    }
    deleteExtractedFile();
    return version();
  }

  private static EngineUnavailableException unavailable(String why, @Nullable Throwable cause) {
    return new EngineUnavailableException(
        "the engine wasmtime-java cannot be used: "
            + why
            + "; consider the engine wasmtime instead",
        cause);
  }

  /** A mapped file remains usable without its name. Systems other than Linux keep the file. */
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
      log.atWarn().setCause(kept).log("Cannot delete the extracted native part of wasmtime-java");
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
      log.atWarn().setCause(unreadable).log("Cannot read the version of wasmtime-java");
    }
    return properties.getProperty("jnilib.version", "unknown");
  }
}
