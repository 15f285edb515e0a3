package org.wasmbroker.publish;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.wasmbroker.step.SafeText;

/**
 * Reads archives of one handler: {@code .tar.gz}, {@code .tar} or {@code .zip} of {@code
 * manifest.json} and {@code module.wasm}, and {@code signature.sigstore.json} if it is signed, at
 * the top or in one directory. An archive comes from anywhere: it is read in memory, up to its
 * limits, and whatever could mean different things to different programs is refused.
 */
public final class Archive {
  private static final int MAX_REASON = 200;

  private Archive() {}

  /**
   * Whether the bytes are those of an archive, whatever the file's name is; false says nothing
   * about what they are.
   */
  public static boolean isArchive(byte[] start) {
    return TarArchive.isGzip(start) || TarArchive.isTar(start) || ZipArchive.isZip(start);
  }

  /**
   * Reads an archive.
   *
   * @throws PackageRefusedException if it is not an archive of a handler
   * @throws IOException if the file cannot be read
   */
  public static PackageFiles read(Path file, ArchiveLimits limits) throws IOException {
    var tooLarge =
        new PackageRefusedException(
            "%s has more than %d bytes, the maximum of an archive"
                .formatted(file, limits.archiveBytes()));
    try (var in = new BoundedInput(Files.newInputStream(file), limits.archiveBytes(), tooLarge)) {
      return read(file.toString(), in.readAllBytes(), limits);
    }
  }

  /**
   * Reads an archive.
   *
   * @param name what it is called in messages
   * @throws PackageRefusedException if it is not an archive of a handler
   */
  public static PackageFiles read(String name, byte[] archive, ArchiveLimits limits) {
    var entries = new ArchiveEntries(limits);
    try {
      readEntries(archive, limits, entries);
      return entries.files();
    } catch (PackageRefusedException refused) {
      throw new PackageRefusedException(
          "%s cannot be used: %s".formatted(name, refused.getMessage()));
    } catch (IOException | RuntimeException malformed) {
      // Whatever a library makes of hostile bytes is a fault of the archive.
      throw new PackageRefusedException(
          "%s is a damaged archive: %s"
              .formatted(
                  name, SafeText.sanitize(String.valueOf(malformed.getMessage()), MAX_REASON)));
    }
  }

  private static void readEntries(byte[] archive, ArchiveLimits limits, ArchiveEntries entries)
      throws IOException {
    if (TarArchive.isGzip(archive)) {
      TarArchive.readGzip(archive, limits, entries);
    } else if (ZipArchive.isZip(archive)) {
      ZipArchive.read(archive, limits, entries);
    } else if (TarArchive.isTar(archive)) {
      TarArchive.read(new ByteArrayInputStream(archive), entries);
    } else {
      throw new PackageRefusedException("it is not a .tar.gz, .tar or .zip archive");
    }
  }
}
