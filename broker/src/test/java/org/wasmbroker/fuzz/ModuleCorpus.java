package org.wasmbroker.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Modules that {@code handlers-wasm/build --fuzz} has generated. */
public final class ModuleCorpus {
  static final Path COMMITTED = Path.of("src", "test", "resources", "fuzz-modules");

  private ModuleCorpus() {}

  /** The small corpus that lies beside the tests. */
  public static List<byte[]> committed() {
    return in(COMMITTED);
  }

  /** The modules of a folder, in order of name. */
  static List<byte[]> in(Path folder) {
    var modules = new ArrayList<byte[]>();
    try (var files = Files.newDirectoryStream(folder, "*.wasm")) {
      var sorted = new ArrayList<Path>();
      files.forEach(sorted::add);
      sorted.sort(null);
      for (var file : sorted) {
        modules.add(Files.readAllBytes(file));
      }
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
    return modules;
  }
}
