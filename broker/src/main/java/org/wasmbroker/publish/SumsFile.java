package org.wasmbroker.publish;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.wasmbroker.step.Digest;

/**
 * The {@code SHA256SUMS} of a module directory. Used under its lock.
 *
 * @param root the module directory
 */
record SumsFile(Path root) {
  private static final String NAME = "SHA256SUMS";
  private static final Pattern BEFORE_PATH = Pattern.compile("^\\S* [ *](\\./)?");

  /**
   * Adds the digests of a release that is not there yet. A directory that has modules and no such
   * file keeps having none: with it, a broker would refuse the modules that are not in it.
   */
  void add(Publication publication, Consumer<String> progress) throws IOException {
    var file = root.resolve(NAME);
    if (!Files.exists(file) && hasModules()) {
      progress.accept(
          "%s has no %s, and modules without one are used as found; none is made"
              .formatted(root, NAME));
      return;
    }
    var directory = publication.id().handler() + "/" + publication.id().version() + "/";
    var text = new StringBuilder();
    // A publication that was interrupted may have left its lines.
    for (var line : lines(file)) {
      var path = BEFORE_PATH.matcher(line).replaceFirst("");
      if (!path.equals(directory + PackageFiles.MODULE)
          && !path.equals(directory + PackageFiles.MANIFEST)) {
        text.append(line).append('\n');
      }
    }
    append(text, publication.files().wasm().digest(), directory + PackageFiles.MODULE);
    append(
        text, Digest.of(publication.files().manifest().bytes()), directory + PackageFiles.MANIFEST);
    DurableFiles.replace(file, text.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static void append(StringBuilder text, Digest digest, String path) {
    text.append(digest.hex()).append("  ").append(path).append('\n');
  }

  private static List<String> lines(Path file) throws IOException {
    return Files.exists(file) ? Files.readAllLines(file) : List.of();
  }

  private boolean hasModules() throws IOException {
    try (var files = Files.find(root, 3, (path, _) -> isModule(path))) {
      return files.findAny().isPresent();
    }
  }

  /** Not one in a hidden directory, which is being written. */
  private boolean isModule(Path path) {
    var relative = root.relativize(path);
    return relative.getNameCount() == 3
        && relative.endsWith(PackageFiles.MODULE)
        && !relative.getName(1).toString().startsWith(".");
  }
}
