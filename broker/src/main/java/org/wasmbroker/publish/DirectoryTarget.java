package org.wasmbroker.publish;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.wasmbroker.oci.Descriptor;
import org.wasmbroker.registry.release.OciLayout;
import org.wasmbroker.registry.release.ReleaseId;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Version;

/**
 * An operator's module directory, {@code <name>/<version>/}, in which brokers look while it is
 * written to: a version is written beside its place, under a hidden name, and renamed as a whole.
 * Its digests are in {@code SHA256SUMS} before it is there. Writers take turns by a lock on a file.
 */
public final class DirectoryTarget implements PublishTarget {
  private final Path root;
  private final ArchiveLimits limits;

  /**
   * @param limits of the modules that are there
   */
  public DirectoryTarget(Path root, ArchiveLimits limits) {
    this.root = root.toAbsolutePath().normalize();
    this.limits = limits;
  }

  @Override
  public String location(ReleaseId id) {
    return home(id).toString();
  }

  private Path home(ReleaseId id) {
    return root.resolve(id.handler()).resolve(id.version().toString());
  }

  @Override
  public Optional<String> mismatch(ReleaseId id) {
    return Files.exists(root) && !Files.isDirectory(root)
        ? Optional.of(root + " is not a directory")
        : Optional.empty();
  }

  @Override
  public List<Version> versions(String handler) throws IOException {
    var directory = root.resolve(handler);
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    var versions = new ArrayList<Version>();
    try (var children = Files.newDirectoryStream(directory, Files::isDirectory)) {
      for (var child : children) {
        try {
          versions.add(Version.parse(child.getFileName().toString()));
        } catch (IllegalArgumentException another) {
          // such as one that is being written
        }
      }
    }
    return versions;
  }

  @Override
  public Optional<Published> find(ReleaseId id) throws IOException {
    if (!Files.exists(home(id))) {
      return Optional.empty();
    }
    var files = PackageReader.read(home(id), limits);
    var layout = OciLayout.of(id, files.manifest(), files.wasm());
    return Optional.of(new Published(layout.digest(), Optional.of(files.manifest())));
  }

  @Override
  public void put(Publication publication, Consumer<String> progress) throws IOException {
    Files.createDirectories(root.resolve(publication.id().handler()));
    try (var _ = DirectoryLock.acquire(root)) {
      var there = find(publication.id());
      if (there.isEmpty()) {
        write(publication, progress);
      } else if (!there.orElseThrow().digest().equals(publication.layout().digest())) {
        throw new PackageRefusedException(
            "%s has other content (%s); raise the version"
                .formatted(home(publication.id()), Descriptor.text(there.orElseThrow().digest())));
      }
    }
  }

  private void write(Publication publication, Consumer<String> progress) throws IOException {
    var home = home(publication.id());
    var temporary =
        home.resolveSibling(
            ".%s.%016x".formatted(home.getFileName(), ThreadLocalRandom.current().nextLong()));
    try {
      Files.createDirectory(temporary);
      progress.accept("writing module, %d bytes".formatted(publication.files().wasm().size()));
      DurableFiles.write(
          temporary.resolve(PackageFiles.MODULE), publication.files().wasm().bytes());
      DurableFiles.write(
          temporary.resolve(PackageFiles.MANIFEST), publication.files().manifest().bytes());
      new SumsFile(root).add(publication, progress);
      DurableFiles.rename(temporary, home);
    } finally {
      delete(temporary);
    }
  }

  private static void delete(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> files = Files.list(directory)) {
      for (var file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(directory);
  }

  @Override
  public void sign(Publication publication, List<Document> signatures, Consumer<String> progress)
      throws IOException {
    try (var _ = DirectoryLock.acquire(root)) {
      progress.accept("writing " + PackageFiles.SIGNATURE);
      DurableFiles.replace(
          home(publication.id()).resolve(PackageFiles.SIGNATURE),
          SignatureFile.join(signatures(publication), signatures).bytes());
    }
  }

  @Override
  public List<Document> signatures(Publication publication) throws IOException {
    return PackageReader.read(home(publication.id()), limits)
        .signature()
        .map(SignatureFile::split)
        .orElse(List.of());
  }

  @Override
  public void close() {
    // It holds nothing between calls.
  }
}
