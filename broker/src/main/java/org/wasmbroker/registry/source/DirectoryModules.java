package org.wasmbroker.registry.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
 * signature.sigstore.json}. A handler that cannot be listed keeps the versions that it had, and
 * does not keep others from being listed.
 */
public final class DirectoryModules implements ModuleSource {
  private static final Logger log = LoggerFactory.getLogger(DirectoryModules.class);
  private static final int MAX_MANIFEST_BYTES = 1 << 20;
  private static final int MAX_SIGNATURE_BYTES = 64 << 10;
  private static final int MAX_ENTRIES = 100_000;
  private static final int MAX_REPORTED = 1000;

  /** How often a module is read again because its digests changed meanwhile. */
  private static final int ATTEMPTS = 3;

  private final Path root;
  private final int maxModuleBytes;
  private final DirectoryFiles files;
  private final Lister lister;
  private final Map<String, List<Release>> listed = new ConcurrentHashMap<>();
  private final Set<Path> reported = ConcurrentHashMap.newKeySet();

  /** Lists directories; the file system's own, except where tests let it fail. */
  @FunctionalInterface
  interface Lister {
    List<Path> directoriesIn(Path parent, int max) throws IOException;
  }

  /**
   * @param maxModuleBytes the size of the largest module that is read
   */
  public DirectoryModules(Path root, int maxModuleBytes) {
    this(root, maxModuleBytes, DirectoryFiles::directoriesIn);
  }

  DirectoryModules(Path root, int maxModuleBytes, Lister lister) {
    this.root = root.toAbsolutePath().normalize();
    this.maxModuleBytes = maxModuleBytes;
    this.files = new DirectoryFiles(this.root);
    this.lister = lister;
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
    for (var handler : handlers()) {
      var name = handler.getFileName().toString();
      if (ModulePaths.isHandlerName(name)) {
        releases.addAll(versions(name, handler));
      } else {
        warnOnce(handler, "its name is not a valid handler name: 1 to 64 of a-z, 0-9, '_' and '-'");
      }
    }
    return List.copyOf(releases);
  }

  private List<Path> handlers() {
    if (Files.notExists(root)) {
      throw new ModuleSourceException(
          "the module directory "
              + root
              + " does not exist; create it, or remove it from the configuration",
          null);
    }
    try {
      return lister.directoriesIn(root, MAX_ENTRIES);
    } catch (IOException failure) {
      throw new ModuleSourceException("cannot list " + root + ": " + failure, failure);
    }
  }

  private List<Release> versions(String handler, Path directory) {
    try {
      var releases = new ArrayList<Release>();
      for (var version : lister.directoriesIn(directory, MAX_ENTRIES)) {
        var id = ModulePaths.id(handler, version.getFileName().toString());
        if (id.isEmpty()) {
          warnOnce(version, "its name is not a version such as 1.2.3");
        } else if (DirectoryFiles.isComplete(version)) {
          releases.add(new Release(id.orElseThrow(), null, origin(), location(), null));
        }
      }
      listed.put(handler, List.copyOf(releases));
      reported.remove(directory);
      return releases;
    } catch (IOException failure) {
      warnOnce(directory, "it cannot be listed, and keeps the versions that it had: " + failure);
      return listed.getOrDefault(handler, List.of());
    }
  }

  @Override
  public Artifact fetch(ReleaseId id) {
    var sums = files.sums();
    for (int attempt = 1; ; attempt++) {
      try {
        return fetch(id, sums);
      } catch (ModuleSourceException problem) {
        var now = files.sums();
        if (attempt == ATTEMPTS || Objects.equals(now, sums)) {
          throw problem;
        }
        sums = now;
      }
    }
  }

  private Artifact fetch(ReleaseId id, @Nullable Sha256Sums sums) {
    var wasm =
        new WasmBinary(files.read(ModulePaths.module(id), maxModuleBytes, "engine.module-size"));
    verify(ModulePaths.module(id), wasm, sums);
    var manifest = files.read(ModulePaths.manifest(id), MAX_MANIFEST_BYTES, "any manifest");
    var recorded = sums == null ? null : sums.of(ModulePaths.manifest(id));
    if (recorded != null) {
      Sha256Sums.verify(ModulePaths.manifest(id), recorded, Digest.of(manifest), root.toString());
    }
    var document = Document.of(manifest);
    return new Artifact(document, wasm, provenance(id, document, wasm));
  }

  /** The OCI manifest follows from the files, so that one signature is valid here and elsewhere. */
  private Provenance provenance(ReleaseId id, Document manifest, WasmBinary wasm) {
    var layout = OciLayout.of(id, manifest, wasm);
    var path = ModulePaths.signature(id);
    return new Provenance(
        layout.bytes(),
        files.exists(path)
            ? List.of(Document.of(files.read(path, MAX_SIGNATURE_BYTES, "any signature")))
            : List.of());
  }

  /**
   * Whether its files are others than before; whether their content is, only reading them tells.
   */
  @Override
  public String fingerprint(ReleaseId id) {
    return files.stamp(ModulePaths.module(id)) + ", " + files.stamp(ModulePaths.manifest(id));
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

  private void warnOnce(Path directory, String what) {
    if (reported.size() < MAX_REPORTED && reported.add(directory)) {
      log.atWarn()
          .addKeyValue("directory", SafeText.sanitize(directory.toString(), 300))
          .log("a directory in the module directory is skipped: {}", SafeText.sanitize(what, 500));
    }
  }
}
