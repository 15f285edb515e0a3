package org.wasmbroker.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;

/**
 * A Rust compiler for {@code wasm32-wasip1}: the one on the PATH, if it has that target, or that of
 * the Debian that {@code handlers-wasm/build --setup} puts beside this one.
 */
public final class RustForWasm {
  private static final String TARGET = "wasm32-wasip1";

  private RustForWasm() {}

  /**
   * The environment in which {@code cargo} finds the compiler.
   *
   * @param directory for the programs that start it
   * @throws IllegalStateException if there is none
   */
  public static Map<String, String> environment(Path directory) {
    try {
      if (hasTarget(Path.of(printed("rustc", "--print", "sysroot")))) {
        return Map.of();
      }
      var debian = debian();
      if (!hasTarget(debian.resolve("usr"))) {
        throw new IllegalStateException(
            "no Rust compiler for " + TARGET + ": run handlers-wasm/build --setup");
      }
      return Map.of(
          "RUSTC",
          starter(directory, debian, "rustc", " --sysroot '" + debian.resolve("usr") + "'"),
          "CARGO_TARGET_WASM32_WASIP1_LINKER",
          starter(directory, debian, "wasm-ld", ""));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean hasTarget(Path sysroot) {
    return Files.isDirectory(sysroot.resolve("lib").resolve("rustlib").resolve(TARGET));
  }

  private static Path debian() {
    var cache = System.getenv("XDG_CACHE_HOME");
    var base =
        cache == null || cache.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".cache")
            : Path.of(cache);
    return base.resolve("wasm-broker").resolve("trixie-rust");
  }

  /** Programs of another Debian need its loader and libraries. */
  private static String starter(Path directory, Path debian, String program, String arguments)
      throws IOException {
    var architecture = System.getProperty("os.arch").equals("aarch64") ? "aarch64" : "x86_64";
    var loader =
        debian
            .resolve("usr/lib")
            .resolve(architecture + "-linux-gnu")
            .resolve(
                architecture.equals("aarch64") ? "ld-linux-aarch64.so.1" : "ld-linux-x86-64.so.2");
    var file =
        Files.writeString(
            directory.resolve(program),
            """
            #!/bin/sh
            exec '%s' --argv0 %s --library-path '%s' '%s'%s "$@"
            """
                .formatted(
                    loader,
                    program,
                    loader.getParent(),
                    debian.resolve("usr/bin").resolve(program),
                    arguments));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    return file.toString();
  }

  private static String printed(String... command) throws IOException {
    var process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
  }
}
