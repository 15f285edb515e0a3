package org.wasmbroker.registry.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.disk.AtomicFile;
import org.wasmbroker.disk.PrivateDirectory;
import org.wasmbroker.registry.release.ReleaseId;
import org.wasmbroker.step.Digest;

/**
 * The pins of every source, {@code releases/<source>/<handler>/<version>}: small JSON documents. A
 * source's directory is named by a digest of what the source is called.
 */
final class PinFiles {
  private static final Logger log = LoggerFactory.getLogger(PinFiles.class);

  private final Path directory;

  private PinFiles(Path directory) {
    this.directory = directory;
  }

  static PinFiles open(Path root) throws IOException {
    return new PinFiles(PrivateDirectory.ensureWithin(root, "releases"));
  }

  Optional<Pin> find(String source, ReleaseId id) {
    return read(file(source, id))
        .filter(document -> document.source().equals(source) && document.pin().id().equals(id))
        .map(PinDocument::pin);
  }

  void put(String source, Pin pin) throws IOException {
    var id = pin.id();
    var handler =
        PrivateDirectory.ensureWithin(
            PrivateDirectory.ensureWithin(directory, name(source)), id.handler());
    AtomicFile.removeAbandoned(handler, Instant.now());
    AtomicFile.write(
        handler.resolve(id.version().toString()),
        "r--r--r--",
        AtomicFile.durable(ByteBuffer.wrap(new PinDocument(source, pin).bytes())));
  }

  void remove(String source, ReleaseId id) throws IOException {
    var file = file(source, id);
    Files.deleteIfExists(file);
    try {
      Files.deleteIfExists(ofSource(source).resolve(id.handler()));
    } catch (DirectoryNotEmptyException otherVersions) {
      log.trace("The module store has other versions of {}", id);
    }
  }

  /** In no order. */
  List<Pin> of(String source) {
    return within(ofSource(source)).stream()
        .filter(document -> document.source().equals(source))
        .map(PinDocument::pin)
        .toList();
  }

  /** The pins of all sources, whether they are configured now or not. */
  List<PinDocument> all() {
    return children(directory).stream().flatMap(source -> within(source).stream()).toList();
  }

  private static List<PinDocument> within(Path ofSource) {
    return children(ofSource).stream()
        .flatMap(handler -> children(handler).stream())
        .flatMap(file -> read(file).stream())
        .toList();
  }

  /** Passes over what is no file or directory of ours, such as links. */
  private static List<Path> children(Path directory) {
    var found = new ArrayList<Path>();
    DirectoryStream.Filter<Path> filter =
        path -> !path.getFileName().toString().endsWith(AtomicFile.PARTIAL);
    try {
      if (Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
        try (var children = Files.newDirectoryStream(directory, filter)) {
          children.forEach(found::add);
        }
      }
    } catch (IOException | DirectoryIteratorException unreadable) {
      warn(directory, unreadable.toString());
    }
    return found;
  }

  static Optional<PinDocument> read(Path file) {
    try (var channel = FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
        var content = Channels.newInputStream(channel)) {
      PrivateDirectory.requirePrivate(file);
      var document = PinDocument.read(content.readNBytes(PinDocument.MAX_BYTES + 1));
      if (document.isEmpty()) {
        warn(file, "it names no release");
      }
      return document;
    } catch (NoSuchFileException absent) {
      return Optional.empty();
    } catch (IOException unreadable) {
      warn(file, unreadable.toString());
      return Optional.empty();
    }
  }

  private static void warn(Path file, String cause) {
    log.atWarn()
        .addKeyValue("file", file)
        .addKeyValue("cause", cause)
        .log("a file of the module store cannot be used and is ignored");
  }

  private Path file(String source, ReleaseId id) {
    return ofSource(source).resolve(id.handler()).resolve(id.version().toString());
  }

  private Path ofSource(String source) {
    return directory.resolve(name(source));
  }

  private static String name(String source) {
    return Digest.of(source.getBytes(StandardCharsets.UTF_8)).hex().substring(0, 32);
  }
}
