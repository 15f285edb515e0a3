package org.wasmbroker.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** Modules that differ in a custom section only, so that each has a digest and code of its own. */
final class ManyModules {
  private ManyModules() {}

  /** Writes {@code count} handlers, {@code h0} and so on, made of a bundled one. */
  static void write(Path directory, String bundled, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      write(directory, bundled, "h" + i, "1.0.0", i);
    }
  }

  static void write(Path directory, String bundled, String name, String version, int number)
      throws IOException {
    var path = "/org/wasmbroker/handlers/" + bundled + "/1.0.0/";
    var manifest =
        new String(resource(path + "manifest.json"), StandardCharsets.UTF_8)
            .replaceFirst("\"name\": *\"" + bundled + "\"", "\"name\": \"" + name + "\"")
            .replaceFirst("\"version\": *\"1.0.0\"", "\"version\": \"" + version + "\"");
    // Complete before it can be seen.
    var partial = Files.createDirectories(directory.resolve("." + name + "-" + version));
    Files.write(partial.resolve("module.wasm"), numbered(resource(path + "module.wasm"), number));
    Files.writeString(partial.resolve("manifest.json"), manifest);
    Files.createDirectories(directory.resolve(name));
    Files.move(partial, directory.resolve(name).resolve(version));
  }

  /** How many modules are bundled. */
  static int bundled() {
    var sums = resource("/org/wasmbroker/handlers/SHA256SUMS");
    return Math.toIntExact(
        new String(sums, StandardCharsets.UTF_8)
            .lines()
            .filter(line -> line.endsWith("/module.wasm"))
            .count());
  }

  /** The module with a custom section at its end. */
  private static byte[] numbered(byte[] wasm, int number) {
    var content = ("\5bench" + number).getBytes(StandardCharsets.US_ASCII);
    var module = new ByteArrayOutputStream();
    module.writeBytes(wasm);
    module.write(0);
    module.write(content.length);
    module.writeBytes(content);
    return module.toByteArray();
  }

  private static byte[] resource(String path) {
    try (var stream = Objects.requireNonNull(ManyModules.class.getResourceAsStream(path), path)) {
      return stream.readAllBytes();
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
