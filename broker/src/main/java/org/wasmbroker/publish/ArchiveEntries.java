package org.wasmbroker.publish;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.step.Document;

/**
 * Takes the entries of an archive one by one, keeps the files of the handler and refuses what no
 * archive of a handler has. Nothing is ever written to disk. Not thread-safe.
 */
final class ArchiveEntries {
  private final ArchiveLimits limits;

  /** What was read, by its path in lower case: some file systems would mix them up. */
  private final Map<String, ArchivePath> seen = new HashMap<>();

  private final Map<String, byte[]> contents = new HashMap<>();
  private final List<String> ignored = new ArrayList<>();
  private @Nullable String directory;
  private int count;

  ArchiveEntries(ArchiveLimits limits) {
    this.limits = limits;
  }

  void addDirectory(String path) {
    countEntry();
    ArchivePath.parse(path, true);
  }

  /** Reads the file to its end, if it is one of the handler's. */
  void addFile(String path, InputStream content) throws IOException {
    countEntry();
    var parsed = ArchivePath.parse(path, false);
    checkUnique(parsed);
    int maxBytes = maxBytes(parsed.name());
    if (maxBytes < 0) {
      ignored.add(parsed.toString());
      return;
    }
    if (!parsed.isShallow()) {
      throw new PackageRefusedException(
          parsed + " lies too deep: the files of a handler are at the top or in one directory");
    }
    if (directory != null && !directory.equals(parsed.directory())) {
      throw new PackageRefusedException(
          "'%s' and '%s' both have files of a handler; an archive is of one handler"
              .formatted(shown(directory), shown(parsed.directory())));
    }
    directory = parsed.directory();
    contents.put(parsed.name(), readAll(parsed, content, maxBytes));
  }

  /** An entry that is neither a file nor a directory. */
  PackageRefusedException notAFile(String path, String what) {
    return new PackageRefusedException(
        "%s is %s; an archive of a handler has files and directories only"
            .formatted(ArchivePath.parse(path, true), what));
  }

  private void countEntry() {
    count++;
    if (count > limits.entries()) {
      throw new PackageRefusedException(
          "it has more than %d entries; an archive of a handler has %s and %s"
              .formatted(limits.entries(), PackageFiles.MANIFEST, PackageFiles.MODULE));
    }
  }

  private void checkUnique(ArchivePath path) {
    var before = seen.putIfAbsent(path.toString().toLowerCase(Locale.ROOT), path);
    if (before != null) {
      throw new PackageRefusedException(
          before.equals(path)
              ? "it has two entries named " + path
              : "it has %s and %s, which are one file on some systems".formatted(before, path));
    }
  }

  private int maxBytes(String name) {
    return switch (name) {
      case PackageFiles.MODULE -> limits.moduleBytes();
      case PackageFiles.MANIFEST -> PackageFiles.MAX_MANIFEST_BYTES;
      case PackageFiles.SIGNATURE -> PackageFiles.MAX_SIGNATURE_BYTES;
      default -> -1;
    };
  }

  private static byte[] readAll(ArchivePath path, InputStream content, int maxBytes)
      throws IOException {
    var tooLarge =
        new PackageRefusedException(
            "%s has more than %d bytes, the maximum%s"
                .formatted(
                    path,
                    maxBytes,
                    path.toString().endsWith(PackageFiles.MODULE) ? ArchiveLimits.OF_MODULES : ""));
    return new BoundedInput(content, maxBytes, tooLarge).readAllBytes();
  }

  private static String shown(String directory) {
    return directory.isEmpty() ? "." : directory;
  }

  PackageFiles files() {
    return new PackageFiles(
        Document.of(required(PackageFiles.MANIFEST)),
        new WasmBinary(required(PackageFiles.MODULE)),
        Optional.ofNullable(contents.get(PackageFiles.SIGNATURE)).map(Document::of),
        ignored);
  }

  private byte[] required(String name) {
    var content = contents.get(name);
    if (content == null) {
      throw new PackageRefusedException(
          "it has no %s, neither at the top nor in one directory".formatted(name));
    }
    return content;
  }
}
