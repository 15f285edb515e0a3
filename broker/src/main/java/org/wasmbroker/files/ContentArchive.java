package org.wasmbroker.files;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.zip.ZipInputStream;
import org.wasmbroker.sandbox.files.FileBudget;
import org.wasmbroker.sandbox.files.FileException;
import org.wasmbroker.sandbox.files.FilePath;
import org.wasmbroker.sandbox.files.FileTree;
import org.wasmbroker.sandbox.files.Space;
import org.wasmbroker.sandbox.files.UnusableContentException;
import org.wasmbroker.step.Document;

/**
 * The ZIP archive that a module carries beside its code, as a directory. What is unpacked is
 * bounded by the memory for files, whatever the archive says of itself.
 */
final class ContentArchive {
  private static final int MAX_ENTRIES = 100_000;
  private static final int PIECE = 64 << 10;
  private static final byte[] MAGIC = {'P', 'K'};
  private static final String TOO_LARGE = "the module's archive does not fit into files.size";

  /**
   * What was unpacked.
   *
   * @param bytes what it takes of the memory for files
   */
  record Unpacked(FileTree tree, long bytes) {}

  private ContentArchive() {}

  /**
   * Unpacks it.
   *
   * @throws UnusableContentException if it is no such archive, or has a path that leads elsewhere
   * @throws IllegalStateException if there is no memory for it
   */
  static Unpacked unpack(Document content, FileBudget budget) {
    var bytes = content.bytes();
    if (bytes.length < MAGIC.length || bytes[0] != MAGIC[0] || bytes[1] != MAGIC[1]) {
      throw new UnusableContentException(
          "a directory is from content, but what the module carries is no ZIP archive");
    }
    var space = new Space(budget.maxBytes(), MAX_ENTRIES, budget);
    var tree = new FileTree(0);
    boolean done = false;
    try (var zip = new ZipInputStream(new ByteArrayInputStream(bytes))) {
      for (var entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        var path = FilePath.parse(entry.getName());
        if (entry.isDirectory()) {
          tree.addDirectory(path, 0, space);
        } else {
          tree.addFile(path, unpacked(zip, budget), 0, space);
        }
      }
      done = true;
      return new Unpacked(tree, space.taken());
    } catch (IOException broken) {
      throw new UnusableContentException(
          "the module's archive cannot be unpacked: " + broken.getMessage());
    } catch (FileException refused) {
      throw switch (refused.error()) {
        case NO_SPACE -> FileStore.unavailable(TOO_LARGE);
        default ->
            new UnusableContentException("the module's archive has a path that is not allowed");
      };
    } finally {
      if (!done) {
        space.close();
      }
    }
  }

  /** Bounded before it is read, so that a small archive cannot fill the memory. */
  private static byte[] unpacked(ZipInputStream zip, FileBudget budget) throws IOException {
    long room = budget.maxBytes() - budget.used();
    var bytes = zip.readNBytes((int) Math.max(PIECE, Math.min(room, Integer.MAX_VALUE - 8L)));
    if (zip.read() >= 0) {
      throw FileStore.unavailable(TOO_LARGE);
    }
    return bytes;
  }
}
