package org.wasmbroker.publish;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Collections;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.apache.commons.compress.utils.SeekableInMemoryByteChannel;

/**
 * Reads {@code .zip} by its central directory, which says what the local headers do not: which
 * entries are links. What it says of sizes and checksums is checked against the content.
 */
final class ZipArchive {
  private static final int[] LOCAL_HEADER = {'P', 'K', 3, 4};
  private static final int[] CENTRAL_HEADER = {'P', 'K', 1, 2};

  /**
   * An entry costs the library some hundred bytes before it is seen here, so they are counted
   * first. A module may have these bytes in it by chance.
   */
  private static final int MAX_CENTRAL_HEADERS = 1000;

  private static final int FILE_TYPE_MASK = 0170000;
  private static final int REGULAR_FILE = 0100000;
  private static final int DIRECTORY = 0040000;

  private ZipArchive() {}

  static boolean isZip(byte[] archive) {
    return startsAt(archive, 0, LOCAL_HEADER);
  }

  static void read(byte[] archive, ArchiveLimits limits, ArchiveEntries entries)
      throws IOException {
    if (count(archive, CENTRAL_HEADER) > MAX_CENTRAL_HEADERS) {
      throw new PackageRefusedException("it has more than %d entries".formatted(limits.entries()));
    }
    long maxBytes = limits.contentBytes(archive.length);
    long remaining = maxBytes;
    try (var zip =
        ZipFile.builder().setSeekableByteChannel(new SeekableInMemoryByteChannel(archive)).get()) {
      for (var entry : Collections.list(zip.getEntries())) {
        if (isDirectory(entry, entries)) {
          entries.addDirectory(entry.getName());
          continue;
        }
        checkReadable(zip, entry);
        remaining -= Math.max(0, entry.getSize());
        if (entry.getSize() < 0 || remaining < 0) {
          throw new PackageRefusedException(
              "its %d bytes expand to more than %d, the maximum"
                  .formatted(archive.length, maxBytes));
        }
        read(zip, entry, entries);
      }
    }
  }

  private static void read(ZipFile zip, ZipArchiveEntry entry, ArchiveEntries entries)
      throws IOException {
    var wrongSize =
        new PackageRefusedException(
            "%s has another size than the archive says"
                .formatted(ArchivePath.parse(entry.getName(), false)));
    var bounded = new BoundedInput(zip.getInputStream(entry), entry.getSize(), wrongSize);
    try (var content = new CheckedInputStream(bounded, new CRC32())) {
      entries.addFile(entry.getName(), content);
      // What is not used is checked all the same.
      content.transferTo(OutputStream.nullOutputStream());
      if (content.getChecksum().getValue() != entry.getCrc()) {
        throw new PackageRefusedException(
            "%s is damaged: its checksum does not match"
                .formatted(ArchivePath.parse(entry.getName(), false)));
      }
    }
  }

  private static boolean isDirectory(ZipArchiveEntry entry, ArchiveEntries entries) {
    int type = entry.getUnixMode() & FILE_TYPE_MASK;
    if (type != 0 && type != REGULAR_FILE && type != DIRECTORY) {
      throw entries.notAFile(
          entry.getName(), entry.isUnixSymlink() ? "a symbolic link" : "a device or pipe");
    }
    return entry.isDirectory();
  }

  private static void checkReadable(ZipFile zip, ZipArchiveEntry entry) {
    var path = ArchivePath.parse(entry.getName(), false);
    if (entry.getGeneralPurposeBit().usesEncryption()) {
      throw new PackageRefusedException(path + " is encrypted; an archive of a handler is not");
    }
    if (!zip.canReadEntryData(entry)) {
      throw new PackageRefusedException(
          "%s is compressed by method %d; only deflate and none are read"
              .formatted(path, entry.getMethod()));
    }
  }

  private static int count(byte[] bytes, int[] wanted) {
    int found = 0;
    for (int offset = 0; offset + wanted.length <= bytes.length; offset++) {
      if (bytes[offset] == wanted[0] && startsAt(bytes, offset, wanted)) {
        found++;
      }
    }
    return found;
  }

  private static boolean startsAt(byte[] bytes, int offset, int[] wanted) {
    if (bytes.length - offset < wanted.length) {
      return false;
    }
    for (int i = 0; i < wanted.length; i++) {
      if (bytes[offset + i] != wanted[i]) {
        return false;
      }
    }
    return true;
  }
}
