package org.wasmbroker.publish;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.step.Document;

/** Reads the files of a handler from a directory, an archive, or from beside a module. */
public final class PackageReader {
  private static final int ARCHIVE_START = 512;

  private PackageReader() {}

  /**
   * Reads the files.
   *
   * @param path a directory with {@code manifest.json} and {@code module.wasm}, an archive of such
   *     a one, or a module with the manifest in the same directory
   * @throws PackageRefusedException if it is none of these
   * @throws IOException if a file cannot be read
   */
  public static PackageFiles read(Path path, ArchiveLimits limits) throws IOException {
    if (Files.isDirectory(path)) {
      return read(path, path.resolve(PackageFiles.MODULE), limits);
    }
    if (isArchive(path)) {
      return Archive.read(path, limits);
    }
    return read(path.toAbsolutePath().getParent(), path, limits);
  }

  /** The module of a file that may have no manifest, or be no module. */
  public static WasmBinary readModule(Path file, ArchiveLimits limits) throws IOException {
    return new WasmBinary(bytes(file, limits.moduleBytes(), ArchiveLimits.OF_MODULES));
  }

  public static Document readSignature(Path file) throws IOException {
    return Document.of(bytes(file, PackageFiles.MAX_SIGNATURE_BYTES, ""));
  }

  /** Whether it is an archive by its first bytes; false for a directory. */
  public static boolean isArchive(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      return false;
    }
    try (var in = Files.newInputStream(path)) {
      return Archive.isArchive(in.readNBytes(ARCHIVE_START));
    }
  }

  private static PackageFiles read(@Nullable Path directory, Path module, ArchiveLimits limits)
      throws IOException {
    var home = directory == null ? Path.of("") : directory;
    var manifest = home.resolve(PackageFiles.MANIFEST);
    var signature = home.resolve(PackageFiles.SIGNATURE);
    return new PackageFiles(
        Document.of(bytes(manifest, PackageFiles.MAX_MANIFEST_BYTES, "")),
        readModule(module, limits),
        Files.exists(signature) ? Optional.of(readSignature(signature)) : Optional.empty(),
        List.of());
  }

  /**
   * @param what follows "the maximum"
   */
  private static byte[] bytes(Path file, int maxBytes, String what) throws IOException {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new PackageRefusedException(file + " is not a file");
    }
    var tooLarge =
        new PackageRefusedException(
            "%s has more than %d bytes, the maximum%s".formatted(file, maxBytes, what));
    try (var in = new BoundedInput(Files.newInputStream(file), maxBytes, tooLarge)) {
      return in.readAllBytes();
    } catch (NoSuchFileException missing) {
      throw new PackageRefusedException(
          "%s does not exist; the files of a handler are %s and %s"
              .formatted(file, PackageFiles.MANIFEST, PackageFiles.MODULE));
    }
  }
}
