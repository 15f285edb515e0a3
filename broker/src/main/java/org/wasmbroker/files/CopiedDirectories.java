package org.wasmbroker.files;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.sandbox.files.Directory;
import org.wasmbroker.sandbox.files.DirectoryMode;
import org.wasmbroker.sandbox.files.FileBudget;
import org.wasmbroker.sandbox.files.FileSystem;
import org.wasmbroker.sandbox.files.FileTree;
import org.wasmbroker.sandbox.files.FileUsage;
import org.wasmbroker.sandbox.files.GuestFiles;
import org.wasmbroker.sandbox.files.Mount;
import org.wasmbroker.sandbox.files.Node;
import org.wasmbroker.sandbox.files.RegularFile;
import org.wasmbroker.sandbox.files.Space;
import org.wasmbroker.step.CapabilityUsage;
import org.wasmbroker.step.Document;

/**
 * Directories of the host that are copied into memory for one run of a command, which may change
 * the copies. {@link #writeBack} does the same changes in the host's directories, if the person who
 * named them wants that. For one run; used by one thread at a time.
 */
public final class CopiedDirectories implements GuestFiles {
  private static final int MAX_ENTRIES = 100_000;

  private final List<Copy> copies = new ArrayList<>();
  private final Space space;
  private final FileUsage usage = new FileUsage();

  /**
   * One directory.
   *
   * @param host where it is
   * @param path its name for the guest, such as {@code /data}
   */
  public record Named(Path host, String path) {}

  /** A directory's copy, and what was in it at first: the directories, and the files. */
  private record Copy(
      Named named, FileTree tree, List<String> directories, Map<String, byte[]> files) {}

  private CopiedDirectories(long maxBytes) {
    this.space = new Space(maxBytes, MAX_ENTRIES, new FileBudget(Long.MAX_VALUE));
  }

  /**
   * Copies directories.
   *
   * @param maxBytes what all files may have together, now and later
   * @throws IOException if one cannot be read, or they are larger
   */
  public static CopiedDirectories of(List<Named> named, long maxBytes) throws IOException {
    var copied = new CopiedDirectories(maxBytes);
    for (var each : named) {
      copied.add(each);
    }
    return copied;
  }

  private void add(Named named) throws IOException {
    if (!Files.isDirectory(named.host())) {
      throw new IOException(named.host() + " is not a directory");
    }
    var tree = new FileTree(0);
    try {
      HostFiles.copy(
          named.host(), HostFiles.find(named.host()), tree, space, "the size of all directories");
    } catch (IOException failure) {
      throw new IOException(named.host() + " " + failure.getMessage(), failure);
    }
    copies.add(new Copy(named, tree, directories(tree), contents(tree)));
  }

  private static List<String> directories(FileTree tree) {
    return places(tree).stream()
        .filter(place -> place.node() instanceof Directory)
        .map(Place::path)
        .toList();
  }

  private static Map<String, byte[]> contents(FileTree tree) {
    var contents = new LinkedHashMap<String, byte[]>();
    for (var place : places(tree)) {
      if (place.node() instanceof RegularFile file) {
        contents.put(place.path(), file.content());
      }
    }
    return contents;
  }

  private record Place(String path, Node node) {}

  /** Everything in a tree, directories before what is in them. */
  private static List<Place> places(FileTree tree) {
    var found = new ArrayList<Place>();
    var left = new ArrayDeque<Place>();
    left.add(new Place("", tree.root()));
    while (!left.isEmpty()) {
      var place = left.removeFirst();
      if (place.node() instanceof Directory directory) {
        for (var entry : directory.entries()) {
          var path = place.path().isEmpty() ? entry.name() : place.path() + "/" + entry.name();
          var below = new Place(path, entry.node());
          found.add(below);
          left.add(below);
        }
      }
    }
    return found;
  }

  @Override
  public FileSystem begin(LongSupplier clock, @Nullable Document content) {
    var mounts =
        copies.stream()
            .map(copy -> new Mount(copy.named().path(), DirectoryMode.READ_WRITE, copy.tree()))
            .toList();
    return new FileSystem(mounts, space, usage, clock);
  }

  @Override
  public @Nullable CapabilityUsage usage() {
    return usage.isEmpty() ? null : new CapabilityUsage(Capabilities.FILES.name(), usage.counts());
  }

  /**
   * Writes the files that were created or changed to the host's directories, and removes there what
   * was removed. No link is followed.
   *
   * @throws IOException if something cannot be written, or a link is where it belongs
   */
  public void writeBack() throws IOException {
    for (var copy : copies) {
      writeBack(copy);
    }
  }

  private static void writeBack(Copy copy) throws IOException {
    var host = copy.named().host();
    var now = places(copy.tree());
    removeGone(copy, now);
    for (var place : now) {
      var target = host.resolve(place.path());
      switch (place.node()) {
        case Directory _ -> createDirectory(target);
        case RegularFile file -> {
          var content = file.content();
          if (!Arrays.equals(content, copy.files().get(place.path()))) {
            write(target, content);
          }
        }
      }
    }
  }

  /** First, since what was a file may be a directory now. */
  private static void removeGone(Copy copy, List<Place> now) throws IOException {
    var host = copy.named().host();
    var files = new HashSet<>(copy.files().keySet());
    var directories = new LinkedHashSet<>(copy.directories());
    for (var place : now) {
      (place.node() instanceof Directory ? directories : files).remove(place.path());
    }
    for (var path : files) {
      requireNoLink(host, path);
      Files.deleteIfExists(host.resolve(path));
    }
    for (var path : List.copyOf(directories).reversed()) {
      requireNoLink(host, path);
      try {
        Files.deleteIfExists(host.resolve(path));
      } catch (DirectoryNotEmptyException keepsWhatWasNotCopied) {
        // such as a link
      }
    }
  }

  private static void createDirectory(Path directory) throws IOException {
    if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
      try {
        Files.createDirectory(directory);
      } catch (FileAlreadyExistsException other) {
        throw new IOException(
            directory + " is a link or a file, and the command made a directory", other);
      }
    }
  }

  /** The directories above it were looked at before. */
  private static void write(Path file, byte[] content) throws IOException {
    if (Files.isSymbolicLink(file)) {
      throw new IOException(file + " is a link, and is not written");
    }
    Files.write(
        file,
        content,
        StandardOpenOption.CREATE,
        StandardOpenOption.TRUNCATE_EXISTING,
        StandardOpenOption.WRITE,
        LinkOption.NOFOLLOW_LINKS);
  }

  private static void requireNoLink(Path host, String path) throws IOException {
    var at = host;
    for (var name : path.split("/", -1)) {
      at = at.resolve(name);
      if (Files.isSymbolicLink(at)) {
        throw new IOException(at + " is a link, and is not removed");
      }
    }
  }
}
