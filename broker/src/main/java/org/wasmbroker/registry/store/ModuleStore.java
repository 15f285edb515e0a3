package org.wasmbroker.registry.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.disk.AtomicFile;
import org.wasmbroker.disk.AtomicFile.Content;
import org.wasmbroker.disk.PrivateDirectory;
import org.wasmbroker.disk.UsedFile;
import org.wasmbroker.disk.UsedFile.Freed;
import org.wasmbroker.registry.release.Artifact;
import org.wasmbroker.registry.release.Provenance;
import org.wasmbroker.registry.release.Release;
import org.wasmbroker.registry.release.ReleaseId;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Document;

/**
 * Modules, manifests and signatures on the disk, and which release of which source meant which of
 * them: {@code blobs/sha256/<hex>} and {@code releases/<source>/<handler>/<version>}. What a pin
 * names is never removed; of the rest, what was not used for longest goes first when the store
 * becomes too large. Whatever goes wrong with the disk is logged and costs a download: no method
 * throws for it. Thread-safe, and several brokers may share the directory.
 */
public final class ModuleStore {
  private static final Logger log = LoggerFactory.getLogger(ModuleStore.class);

  /** Another broker may be about to name a file that nothing names yet. */
  private static final Duration YOUNG = Duration.ofMinutes(10);

  private final Path directory;
  private final long maxBytes;
  private final BlobFiles blobs;
  private final PinFiles pins;
  private final FormerPins former;
  private final ReentrantLock writing = new ReentrantLock();
  private @Nullable String problem; // that was logged last; by writing

  private ModuleStore(
      Path directory, long maxBytes, BlobFiles blobs, PinFiles pins, FormerPins former) {
    this.directory = directory;
    this.maxBytes = maxBytes;
    this.blobs = blobs;
    this.pins = pins;
    this.former = former;
  }

  /** Opens the store; empty if there is to be none, or, with a warning, if it cannot be used. */
  public static Optional<ModuleStore> open(StoreConfig config) {
    return open(config, AtomicFile::durable);
  }

  static Optional<ModuleStore> open(StoreConfig config, Function<ByteBuffer, Content> writer) {
    var directory = config.directory();
    if (directory == null) {
      return Optional.empty();
    }
    try {
      PrivateDirectory.ensure(directory);
      return Optional.of(
          new ModuleStore(
              directory,
              config.bytes(),
              BlobFiles.open(directory, writer),
              PinFiles.open(directory),
              FormerPins.open(directory)));
    } catch (IOException unusable) {
      log.atWarn()
          .addKeyValue("directory", directory)
          .addKeyValue("cause", unusable.toString())
          .log(
              "the module store (registry.store) cannot be used; modules of registries are fetched"
                  + " at each start");
      return Optional.empty();
    }
  }

  /** The module with this digest, whatever release it is of; empty if it is not there. */
  public Optional<WasmBinary> module(Digest digest) {
    return blobs.read(digest).map(WasmBinary::new);
  }

  /** What a source offered when it was last listed, as far as it was fetched. */
  public List<Pin> pins(String source) {
    return pins.of(source);
  }

  /** What a release of a source meant when it was fetched. */
  public Optional<Pin> pin(String source, ReleaseId id) {
    return pins.find(source, id);
  }

  /** What a release that is no longer offered meant, if its files may still be there. */
  public Optional<Pin> former(String source, String handler, Digest module) {
    return former.find(source, handler, module);
  }

  /** What a pin names; empty if not all of it is there and has its digest. */
  public Optional<Artifact> read(Pin pin) {
    var files = new HashMap<Digest, byte[]>();
    for (var digest : pin.blobs()) {
      blobs.read(digest).ifPresent(bytes -> files.put(digest, bytes));
    }
    if (!files.keySet().containsAll(pin.blobs())) {
      return Optional.empty();
    }
    Function<Digest, Document> document =
        digest -> Document.of(Objects.requireNonNull(files.get(digest)));
    var ociManifest = pin.ociManifest();
    return Optional.of(
        new Artifact(
            document.apply(pin.manifest()),
            new WasmBinary(Objects.requireNonNull(files.get(pin.module()))),
            new Provenance(
                ociManifest == null ? null : document.apply(ociManifest),
                pin.signatures().stream().map(document).toList())));
  }

  /**
   * Keeps an artifact as what a release of a source means.
   *
   * @return whether it is kept; if not, the reason is logged
   */
  public boolean keep(String source, Release release, Artifact artifact) {
    var files = new LinkedHashMap<Digest, byte[]>();
    files.put(artifact.wasm().digest(), artifact.wasm().bytes());
    var pin =
        new Pin(
            release.id(),
            artifact.wasm().digest(),
            add(files, artifact.manifest()),
            artifact.provenance().ociManifest() == null
                ? null
                : add(files, artifact.provenance().ociManifest()),
            artifact.provenance().signatures().stream().map(file -> add(files, file)).toList(),
            release.published());
    writing.lock();
    try {
      if (!hasRoomFor(files)) {
        failed(
            release.id(),
            "releases name nearly all of its %d bytes; raise registry.store-size, or remove the modules of sources that are no longer used with 'wasm-broker registry gc'"
                .formatted(maxBytes));
        return false;
      }
      for (var file : files.entrySet()) {
        blobs.put(file.getKey(), file.getValue());
      }
      pins.put(source, pin);
      problem = null;
      return true;
    } catch (IOException failure) {
      failed(release.id(), failure.toString());
      return false;
    } finally {
      writing.unlock();
    }
  }

  private static Digest add(Map<Digest, byte[]> files, Document file) {
    var digest = Digest.of(file.bytes());
    files.put(digest, file.bytes());
    return digest;
  }

  /** Once for all that fail in the same way. */
  private void failed(ReleaseId id, String cause) {
    if (!cause.equals(problem)) {
      problem = cause;
      log.atWarn()
          .addKeyValue("directory", directory)
          .addKeyValue("module", id)
          .addKeyValue("cause", cause)
          .log("the module store keeps no further module; it is fetched again at the next start");
    }
  }

  /** Removes what nothing names if that is needed. */
  private boolean hasRoomFor(Map<Digest, byte[]> files) throws IOException {
    var there = blobs.list();
    long over = UsedFile.bytes(there) - maxBytes;
    for (var file : files.entrySet()) {
      over += file.getValue().length - blobs.size(file.getKey());
    }
    if (over <= 0) {
      return true;
    }
    var removable = new ArrayList<>(unnamed(there));
    removable.removeIf(blob -> files.containsKey(BlobFiles.digest(blob)));
    var freed = UsedFile.remove(removable, over);
    log(freed);
    return freed.bytes() >= over;
  }

  private List<UsedFile> unnamed(List<UsedFile> there) {
    var named =
        pins.all().stream()
            .flatMap(document -> document.pin().blobs().stream())
            .collect(Collectors.toSet());
    var young = Instant.now().minus(YOUNG);
    return there.stream()
        .filter(blob -> !named.contains(BlobFiles.digest(blob)) && blob.used().isBefore(young))
        .toList();
  }

  private void log(Freed freed) {
    if (freed.files() > 0) {
      log.atInfo()
          .addKeyValue("directory", directory)
          .addKeyValue("files", freed.files())
          .addKeyValue("bytes", freed.bytes())
          .log("modules that no release names are removed from the module store");
    }
  }

  /**
   * Takes note of the releases that a source no longer offers: their files stay while there is
   * room, for steps that name a digest.
   */
  public void offered(String source, Set<ReleaseId> listed) {
    writing.lock();
    try {
      for (var pin : pins.of(source)) {
        if (!listed.contains(pin.id())) {
          former.put(source, pin);
          pins.remove(source, pin.id());
        }
      }
    } catch (IOException failure) {
      log.atWarn()
          .addKeyValue("directory", directory)
          .addKeyValue("cause", failure.toString())
          .log("the module store cannot forget releases that are no longer offered");
    } finally {
      writing.unlock();
    }
  }

  /**
   * Removes every module that no release of these sources names.
   *
   * @throws IOException if the directory cannot be read or written
   */
  public Freed gc(Set<String> sources) throws IOException {
    writing.lock();
    try {
      for (var document : pins.all()) {
        if (!sources.contains(document.source())) {
          pins.remove(document.source(), document.pin().id());
        }
      }
      former.clear();
      var freed = UsedFile.remove(unnamed(blobs.list()), Long.MAX_VALUE);
      log(freed);
      return freed;
    } finally {
      writing.unlock();
    }
  }
}
