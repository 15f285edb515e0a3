package org.wasmbroker.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.wasmbroker.sandbox.WasmBinary;

/** The guests that misbehave, built from {@code handlers-wasm/hostile}. */
public final class HostileGuests {
  /** The directory of the built modules, with their digests. */
  public static final Path DIRECTORY = Path.of("..", "handlers-wasm", "hostile", "prebuilt");

  private HostileGuests() {}

  public static Set<String> names() {
    try (var directories = Files.list(DIRECTORY)) {
      return directories
          .filter(Files::isDirectory)
          .map(directory -> directory.getFileName().toString())
          .collect(Collectors.toCollection(TreeSet::new));
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  public static WasmBinary module(String name) {
    try {
      return new WasmBinary(
          Files.readAllBytes(DIRECTORY.resolve(name).resolve("1.0.0").resolve("module.wasm")));
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
