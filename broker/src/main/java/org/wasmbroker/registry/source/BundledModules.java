package org.wasmbroker.registry.source;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.registry.release.Artifact;
import org.wasmbroker.registry.release.ModuleSourceException;
import org.wasmbroker.registry.release.Origin;
import org.wasmbroker.registry.release.Provenance;
import org.wasmbroker.registry.release.Release;
import org.wasmbroker.registry.release.ReleaseId;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Document;

/**
 * The modules that are bundled with the broker, on the class path. They never change at run time.
 */
public final class BundledModules implements ModuleSource {
  private final String root;

  public BundledModules() {
    this("/org/wasmbroker/handlers");
  }

  /**
   * @param root the resource directory, without a trailing slash
   */
  BundledModules(String root) {
    this.root = root;
  }

  @Override
  public String location() {
    return "the bundled modules (class path " + root + ")";
  }

  @Override
  public Origin origin() {
    return Origin.BUILT_IN;
  }

  @Override
  public List<Release> list() {
    var releases = new ArrayList<Release>();
    var sums = sums();
    for (var path : sums.paths()) {
      var parts = path.split("/", -1);
      if (parts.length == 3 && parts[2].equals(ModulePaths.MODULE)) {
        ModulePaths.id(parts[0], parts[1])
            .ifPresent(
                id -> releases.add(new Release(id, sums.of(path), origin(), location(), null)));
      }
    }
    return List.copyOf(releases);
  }

  @Override
  public Artifact fetch(ReleaseId id) {
    var sums = sums();
    var wasm = new WasmBinary(verified(ModulePaths.module(id), sums, true));
    var manifest = Document.of(verified(ModulePaths.manifest(id), sums, false));
    return new Artifact(manifest, wasm, Provenance.NONE);
  }

  private byte[] verified(String path, Sha256Sums sums, boolean required) {
    var bytes = read(path);
    @Nullable Digest expected = sums.of(path);
    if (expected == null && required) {
      throw new ModuleSourceException(
          root + ": " + path + " is not listed in SHA256SUMS; it is not used", null);
    }
    if (expected != null) {
      Sha256Sums.verify(path, expected, Digest.of(bytes), root);
    }
    return bytes;
  }

  private Sha256Sums sums() {
    return Sha256Sums.parse(
        new String(read(ModulePaths.SUMS), StandardCharsets.UTF_8), root + "/" + ModulePaths.SUMS);
  }

  private byte[] read(String path) {
    try (var stream = BundledModules.class.getResourceAsStream(root + "/" + path)) {
      if (stream == null) {
        throw new ModuleSourceException(
            "the class path has no "
                + root
                + "/"
                + path
                + "; it is missing from this build of the broker",
            null);
      }
      return stream.readAllBytes();
    } catch (IOException failure) {
      throw new ModuleSourceException(
          "cannot read " + root + "/" + path + " from the class path: " + failure.getMessage(),
          failure);
    }
  }
}
