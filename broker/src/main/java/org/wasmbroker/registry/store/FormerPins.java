package org.wasmbroker.registry.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Pattern;
import org.wasmbroker.disk.AtomicFile;
import org.wasmbroker.disk.PrivateDirectory;
import org.wasmbroker.disk.UsedFile;
import org.wasmbroker.step.Digest;

/**
 * What releases meant that their sources no longer offer, {@code former/<name>}, by source, handler
 * and module. They keep no file from being removed; those that were not asked for longest are
 * forgotten first.
 */
final class FormerPins {
  private static final Pattern NAME = Pattern.compile("[0-9a-f]{64}");
  private static final int MAX_PINS = 1000;

  private final Path directory;

  private FormerPins(Path directory) {
    this.directory = directory;
  }

  static FormerPins open(Path root) throws IOException {
    var directory = PrivateDirectory.ensureWithin(root, "former");
    AtomicFile.removeAbandoned(directory, Instant.now());
    return new FormerPins(directory);
  }

  Optional<Pin> find(String source, String handler, Digest module) {
    var file = file(source, handler, module);
    var found =
        PinFiles.read(file)
            .filter(document -> document.source().equals(source))
            .map(PinDocument::pin)
            .filter(pin -> pin.id().handler().equals(handler) && pin.module().equals(module));
    if (found.isPresent()) {
      UsedFile.touch(file, Instant.now());
    }
    return found;
  }

  void put(String source, Pin pin) throws IOException {
    AtomicFile.write(
        file(source, pin.id().handler(), pin.module()),
        "r--r--r--",
        AtomicFile.durable(ByteBuffer.wrap(new PinDocument(source, pin).bytes())));
    var there = UsedFile.list(directory, name -> NAME.matcher(name).matches());
    if (there.size() > MAX_PINS) {
      there.sort(Comparator.comparing(UsedFile::used));
      for (var old : there.subList(0, there.size() - MAX_PINS)) {
        Files.deleteIfExists(old.path());
      }
    }
  }

  void clear() throws IOException {
    try (var files = Files.newDirectoryStream(directory)) {
      for (var file : files) {
        Files.deleteIfExists(file);
      }
    } catch (DirectoryIteratorException failure) {
      throw failure.getCause();
    }
  }

  private Path file(String source, String handler, Digest module) {
    var key = source + '\n' + handler + '\n' + module;
    return directory.resolve(Digest.of(key.getBytes(StandardCharsets.UTF_8)).hex());
  }
}
