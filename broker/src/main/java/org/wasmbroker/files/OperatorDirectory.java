package org.wasmbroker.files;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.files.HostFiles.Found;
import org.wasmbroker.sandbox.files.FileBudget;
import org.wasmbroker.sandbox.files.FileTree;
import org.wasmbroker.sandbox.files.Space;

/**
 * A directory of the operator's, read into memory when the first step needs it, and again when
 * names, sizes or times have changed. All steps share what was read. Thread-safe.
 */
final class OperatorDirectory {
  private static final long CHECK_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final Path path;
  private final FileBudget budget;
  private @Nullable Loaded loaded;

  private record Loaded(List<Found> found, FileTree tree, long bytes, long checkedAt) {}

  OperatorDirectory(Path path, FileBudget budget) {
    this.path = path;
    this.budget = budget;
  }

  /**
   * What is in it.
   *
   * @param now of a monotonic clock, in nanoseconds
   * @throws IOException if it cannot be read, or does not fit into the memory for files
   */
  synchronized FileTree tree(long now) throws IOException {
    var last = loaded;
    if (last != null && now - last.checkedAt() < CHECK_NANOS) {
      return last.tree();
    }
    var found = HostFiles.find(path);
    if (last != null && last.found().equals(found)) {
      loaded = new Loaded(last.found(), last.tree(), last.bytes(), now);
      return last.tree();
    }
    if (last != null) {
      budget.release(last.bytes());
      loaded = null;
    }
    var read = read(found, now);
    loaded = read;
    return read.tree();
  }

  private Loaded read(List<Found> found, long now) throws IOException {
    var space = new Space(budget.maxBytes(), Integer.MAX_VALUE, budget);
    var tree = new FileTree(0);
    try {
      HostFiles.copy(path, found, tree, space, "the memory for files, files.size");
    } catch (IOException failure) {
      space.close();
      throw failure;
    }
    return new Loaded(found, tree, space.taken(), now);
  }
}
