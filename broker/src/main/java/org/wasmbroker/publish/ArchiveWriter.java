package org.wasmbroker.publish;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorOutputStream;
import org.wasmbroker.registry.release.ReleaseId;
import org.wasmbroker.step.Document;

/** Writes an archive of a handler, the same bytes for the same files. */
public final class ArchiveWriter {
  private ArchiveWriter() {}

  /** A {@code .tar.gz} with one directory, {@code <handler>-<version>}. */
  public static byte[] tarGz(ReleaseId id, PackageFiles files) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var gzip = new GzipCompressorOutputStream(bytes);
        var tar = new TarArchiveOutputStream(gzip, StandardCharsets.UTF_8.name())) {
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      var directory = id.handler() + "-" + id.version() + "/";
      add(tar, directory + PackageFiles.MANIFEST, files.manifest());
      add(tar, directory + PackageFiles.MODULE, Document.of(files.wasm().bytes()));
      if (files.signature().isPresent()) {
        add(tar, directory + PackageFiles.SIGNATURE, files.signature().orElseThrow());
      }
    }
    return bytes.toByteArray();
  }

  private static void add(TarArchiveOutputStream tar, String path, Document content)
      throws IOException {
    var entry = new TarArchiveEntry(path);
    entry.setModTime(0);
    entry.setSize(content.size());
    tar.putArchiveEntry(entry);
    tar.write(content.bytes());
    tar.closeArchiveEntry();
  }
}
