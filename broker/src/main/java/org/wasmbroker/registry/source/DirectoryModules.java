package org.wasmbroker.registry.source;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.registry.release.Artifact;
import org.wasmbroker.registry.release.ModuleSourceException;
import org.wasmbroker.registry.release.OciLayout;
import org.wasmbroker.registry.release.Origin;
import org.wasmbroker.registry.release.Provenance;
import org.wasmbroker.registry.release.Release;
import org.wasmbroker.registry.release.ReleaseId;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.SafeText;

/**
 * The modules of an operator's directory, {@code <name>/<version>/{module.wasm,manifest.json}}.
 *
 * <p>A version is listed once both files exist. With a {@code SHA256SUMS} in the root directory,
 * every module must be listed in it with its digest; without one, modules are used as found and
 * their digests are logged. Symbolic links are followed within the directory, since mounted volumes
 * consist of them; a link that points outside is refused. Signatures of a version are in its {@code
 * signature.sigstore.json}.
 */
public final class DirectoryModules implements ModuleSource {
  private static final Logger log = LoggerFactory.getLogger(DirectoryModules.class);
  private static final int MAX_MANIFEST_BYTES = 1 << 20;
  private static final int MAX_SIGNATURE_BYTES = 64 << 10;
  private static final int MAX_SUMS_BYTES = 16 << 20;

  private final Path root;
  private final int maxModuleBytes;
  private final Set<Path> reportedDirectories = ConcurrentHashMap.newKeySet();

  /**
   * @param maxModuleBytes the size of the largest module that is read
   */
  public DirectoryModules(Path root, int maxModuleBytes) {
    this.root = root.toAbsolutePath().normalize();
    this.maxModuleBytes = maxModuleBytes;
  }

  @Override
  public String location() {
    return root.toString();
  }

  @Override
  public Origin origin() {
    return Origin.USER;
  }

  @Override
  public List<Release> list() {
    var releases = new ArrayList<Release>();
    for (var handler : directoriesIn(root)) {
      var name = handler.getFileName().toString();
      if (!ModulePaths.isHandlerName(name)) {
        warnOnce(handler, "is not a valid handler name: 1 to 64 of a-z, 0-9, '_' and '-'");
        continue;
      }
      for (var directory : directoriesIn(handler)) {
        var id = ModulePaths.id(name, directory.getFileName().toString());
        if (id.isEmpty()) {
          warnOnce(directory, "is not a version such as 1.2.3");
        } else if (isComplete(directory)) {
          releases.add(new Release(id.orElseThrow(), null, origin(), location(), null));
        }
      }
    }
    return List.copyOf(releases);
  }

  @Override
  public Artifact fetch(ReleaseId id) {
    var sums = sums();
    var wasm = new WasmBinary(read(ModulePaths.module(id), maxModuleBytes, "engine.module-size"));
    verify(ModulePaths.module(id), wasm, sums);
    var manifest = read(ModulePaths.manifest(id), MAX_MANIFEST_BYTES, "any manifest");
    var recorded = sums == null ? null : sums.of(ModulePaths.manifest(id));
    if (recorded != null) {
      Sha256Sums.verify(ModulePaths.manifest(id), recorded, Digest.of(manifest), root.toString());
    }
    var document = Document.of(manifest);
    return new Artifact(document, wasm, provenance(id, document, wasm));
  }

  /** The OCI manifest follows from the files, so that one signature is valid here and elsewhere. */
  private Provenance provenance(ReleaseId id, Document manifest, WasmBinary wasm) {
    var layout = OciLayout.of(id, manifest, wasm.digest(), wasm.size());
    var path = ModulePaths.signature(id);
    return new Provenance(
        layout.bytes(),
        Files.exists(root.resolve(path))
            ? List.of(Document.of(read(path, MAX_SIGNATURE_BYTES, "any signature")))
            : List.of());
  }

  private void verify(String path, WasmBinary wasm, @Nullable Sha256Sums sums) {
    if (sums == null) {
      log.atInfo()
          .addKeyValue("module", path)
          .addKeyValue("digest", wasm.digest())
          .log("the directory has no SHA256SUMS; the module is used as found");
      return;
    }
    var expected = sums.of(path);
    if (expected == null) {
      throw new ModuleSourceException(
          "%s: %s is not listed in SHA256SUMS; it is not used. Add it with: (cd %s && sha256sum %s >> SHA256SUMS)"
              .formatted(root, path, root, path),
          null);
    }
    Sha256Sums.verify(path, expected, wasm.digest(), root.toString());
  }

  private @Nullable Sha256Sums sums() {
    var file = root.resolve(ModulePaths.SUMS);
    if (!Files.exists(file)) {
      return null;
    }
    var bytes = read(ModulePaths.SUMS, MAX_SUMS_BYTES, "any SHA256SUMS");
    return Sha256Sums.parse(new String(bytes, StandardCharsets.UTF_8), file.toString());
  }

  /** Reads at most {@code maxBytes}, whatever size the file claims to have. */
  private byte[] read(String path, int maxBytes, String limit) {
    var file = root.resolve(path);
    try {
      var real = file.toRealPath();
      if (!real.startsWith(root.toRealPath())) {
        throw new ModuleSourceException(
            "%s points outside of %s, to %s; put the file itself there".formatted(path, root, real),
            null);
      }
      if (!Files.isRegularFile(real)) {
        throw new ModuleSourceException(file + " is not a regular file", null);
      }
      try (var stream = Files.newInputStream(real)) {
        var bytes = stream.readNBytes(maxBytes);
        if (stream.read() >= 0) {
          throw new ModuleSourceException(
              "%s has more than %d bytes, the maximum for %s".formatted(file, maxBytes, limit),
              null);
        }
        return bytes;
      }
    } catch (NoSuchFileException gone) {
      throw new ModuleSourceException(file + " is gone", gone);
    } catch (IOException failure) {
      throw new ModuleSourceException("cannot read " + file + ": " + failure, failure);
    }
  }

  private static boolean isComplete(Path directory) {
    return Files.isRegularFile(directory.resolve(ModulePaths.MODULE))
        && Files.isRegularFile(directory.resolve(ModulePaths.MANIFEST));
  }

  private List<Path> directoriesIn(Path parent) {
    try (var children = Files.newDirectoryStream(parent, DirectoryModules::isVisibleDirectory)) {
      var found = new ArrayList<Path>();
      children.forEach(found::add);
      return found;
    } catch (NoSuchFileException gone) {
      if (parent.equals(root)) {
        throw new ModuleSourceException(
            "the module directory "
                + root
                + " does not exist; create it, or remove it from the configuration",
            gone);
      }
      return List.of();
    } catch (IOException failure) {
      throw new ModuleSourceException("cannot list " + parent + ": " + failure, failure);
    }
  }

  /** Hidden directories belong to file systems and version control. */
  private static boolean isVisibleDirectory(Path path) {
    return !path.getFileName().toString().startsWith(".") && Files.isDirectory(path);
  }

  private void warnOnce(Path directory, String what) {
    if (reportedDirectories.size() < 1000 && reportedDirectories.add(directory)) {
      log.atWarn()
          .addKeyValue("directory", SafeText.sanitize(directory.toString(), 300))
          .log("a directory in the module directory is skipped: its name {}", what);
    }
  }
}
