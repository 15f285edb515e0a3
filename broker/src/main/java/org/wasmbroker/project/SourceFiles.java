package org.wasmbroker.project;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The files of a project at one moment, as far as a person edits them: not hidden ones, and not
 * those beside the module, unless that is in the project's own directory.
 *
 * @param files by path, without reading them
 */
public record SourceFiles(Map<Path, Version> files) {
  private static final int MAX_FILES = 20_000;

  /** What tells one content of a file from another. */
  record Version(FileTime modified, long size) {}

  public SourceFiles {
    files = Map.copyOf(files);
  }

  /**
   * @throws ProjectException if the project has too many files to look at
   */
  public static SourceFiles of(HandlerProject project) throws IOException {
    var finder = new Finder(project);
    Files.walkFileTree(project.directory(), finder);
    return new SourceFiles(finder.found);
  }

  /** The paths that were added, removed or written since an earlier moment. */
  public Set<Path> changedSince(SourceFiles earlier) {
    var changed = new TreeSet<Path>();
    files.forEach(
        (path, version) -> {
          if (!version.equals(earlier.files.get(path))) {
            changed.add(path);
          }
        });
    for (var path : earlier.files.keySet()) {
      if (!files.containsKey(path)) {
        changed.add(path);
      }
    }
    return changed;
  }

  /** Whether nothing was written after that time. */
  boolean isOlderThan(FileTime time) {
    return files.values().stream().allMatch(version -> version.modified().compareTo(time) < 0);
  }

  private static final class Finder extends SimpleFileVisitor<Path> {
    private final HandlerProject project;
    private final @Nullable Path output;
    private final Map<Path, Version> found = new HashMap<>();

    Finder(HandlerProject project) {
      this.project = project;
      this.output =
          project.build().isEmpty() && project.isText()
              ? null // nothing is written: the module is what a person edits
              : project.directory().resolve(project.relative(project.module()).getName(0));
    }

    @Override
    public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
      boolean skipped =
          !directory.equals(project.directory())
              && (isHidden(directory) || directory.equals(output));
      return skipped ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      boolean written = file.equals(output) && !project.isText();
      if (attributes.isRegularFile() && !isHidden(file) && !written) {
        found.put(file, new Version(attributes.lastModifiedTime(), attributes.size()));
      }
      if (found.size() > MAX_FILES) {
        throw new ProjectException(
            "%s has more than %d files; a project has its own directory"
                .formatted(project.directory(), MAX_FILES));
      }
      return FileVisitResult.CONTINUE;
    }

    /** What disappears while it is looked at has changed. */
    @Override
    public FileVisitResult visitFileFailed(Path file, IOException failure) {
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure) {
      return FileVisitResult.CONTINUE;
    }

    private static boolean isHidden(Path path) {
      return String.valueOf(path.getFileName()).startsWith(".");
    }
  }
}
