package org.wasmbroker.publish;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;

/** Reads {@code .tar} and {@code .tar.gz}. */
final class TarArchive {
  private static final int HEADER_BYTES = 512;
  private static final int MAGIC_OFFSET = 257;

  private TarArchive() {}

  static boolean isGzip(byte[] archive) {
    return archive.length > 2 && (archive[0] & 0xff) == 0x1f && (archive[1] & 0xff) == 0x8b;
  }

  static boolean isTar(byte[] archive) {
    return archive.length >= HEADER_BYTES
        && new String(archive, MAGIC_OFFSET, 5, StandardCharsets.US_ASCII).equals("ustar");
  }

  static void readGzip(byte[] archive, ArchiveLimits limits, ArchiveEntries entries)
      throws IOException {
    var compressed = new ByteArrayInputStream(archive);
    // One member only: programs differ in what they make of the bytes after it.
    try (var gzip = new GzipCompressorInputStream(compressed)) {
      long maxBytes = limits.contentBytes(archive.length);
      var tooLarge =
          new PackageRefusedException(
              "its %d bytes expand to more than %d, the maximum"
                  .formatted(archive.length, maxBytes));
      var content = new BoundedInput(gzip, maxBytes, tooLarge);
      read(content, entries);
      content.transferTo(OutputStream.nullOutputStream());
    }
    if (compressed.available() > 0) {
      throw new PackageRefusedException(
          "%d bytes follow its compressed content; an archive has one gzip member"
              .formatted(compressed.available()));
    }
  }

  static void read(InputStream content, ArchiveEntries entries) throws IOException {
    var tar = new TarArchiveInputStream(content, StandardCharsets.UTF_8.name());
    for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
      var kind = specialKind(entry);
      if (!kind.isEmpty()) {
        throw entries.notAFile(entry.getName(), kind);
      }
      if (entry.isDirectory()) {
        entries.addDirectory(entry.getName());
      } else {
        entries.addFile(entry.getName(), tar);
      }
    }
  }

  /** What an entry is that is neither a file nor a directory; empty for those. */
  private static String specialKind(TarArchiveEntry entry) {
    if (entry.isSymbolicLink()) {
      return "a symbolic link";
    }
    if (entry.isLink()) {
      return "a hard link";
    }
    if (entry.isCharacterDevice() || entry.isBlockDevice()) {
      return "a device";
    }
    if (entry.isFIFO()) {
      return "a pipe";
    }
    if (entry.isSparse()) {
      return "a sparse file";
    }
    return entry.isFile() || entry.isDirectory() ? "" : "neither";
  }
}
