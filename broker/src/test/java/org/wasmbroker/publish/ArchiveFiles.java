package org.wasmbroker.publish;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.wasmbroker.step.Document;

/** Archives for tests, good and bad ones. */
final class ArchiveFiles {
  private final List<Entry> entries = new ArrayList<>();

  private record Entry(String path, Document content, byte tarType, int unixMode) {}

  static ArchiveFiles empty() {
    return new ArchiveFiles();
  }

  /** A manifest and a module, which are not looked into, in a directory or at the top. */
  static ArchiveFiles handler(String directory) {
    return empty().file(directory + "manifest.json", "{}").file(directory + "module.wasm", "\0asm");
  }

  ArchiveFiles file(String path, String content) {
    return file(path, content.getBytes(StandardCharsets.UTF_8));
  }

  ArchiveFiles file(String path, byte[] content) {
    entries.add(new Entry(path, Document.of(content), TarArchiveEntry.LF_NORMAL, 0100644));
    return this;
  }

  ArchiveFiles directory(String path) {
    entries.add(new Entry(path + "/", Document.EMPTY, TarArchiveEntry.LF_DIR, 0040755));
    return this;
  }

  /** An entry of that type of a tar; in a zip, a symbolic link. */
  ArchiveFiles special(String path, byte tarType) {
    entries.add(new Entry(path, Document.EMPTY, tarType, 0120777));
    return this;
  }

  byte[] tar() {
    return bytes(
        out -> {
          try (var tar = new TarArchiveOutputStream(out, StandardCharsets.UTF_8.name())) {
            tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            for (var entry : entries) {
              var header = new TarArchiveEntry(entry.path(), entry.tarType(), true);
              header.setSize(entry.content().size());
              if (entry.tarType() == TarArchiveEntry.LF_SYMLINK
                  || entry.tarType() == TarArchiveEntry.LF_LINK) {
                header.setLinkName("/etc/passwd");
              }
              tar.putArchiveEntry(header);
              tar.write(entry.content().bytes());
              tar.closeArchiveEntry();
            }
          }
        });
  }

  byte[] tarGz() {
    return gzip(tar());
  }

  static byte[] gzip(byte[] content) {
    return bytes(
        out -> {
          try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(content);
          }
        });
  }

  byte[] zip() {
    return zip(header -> {});
  }

  byte[] zip(Consumer<ZipArchiveEntry> change) {
    return bytes(
        out -> {
          try (var zip = new ZipArchiveOutputStream(out)) {
            for (var entry : entries) {
              var header = new ZipArchiveEntry(entry.path());
              header.setUnixMode(entry.unixMode());
              change.accept(header);
              zip.putArchiveEntry(header);
              zip.write(entry.content().bytes());
              zip.closeArchiveEntry();
            }
          }
        });
  }

  private interface Writer {
    void writeTo(ByteArrayOutputStream out) throws IOException;
  }

  private static byte[] bytes(Writer writer) {
    var out = new ByteArrayOutputStream();
    try {
      writer.writeTo(out);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return out.toByteArray();
  }
}
