package org.wasmbroker.publish;

import org.wasmbroker.registry.release.Manifest;
import org.wasmbroker.registry.release.ManifestReader;
import org.wasmbroker.registry.release.ModuleSourceException;
import org.wasmbroker.registry.release.OciLayout;
import org.wasmbroker.registry.release.ReleaseId;

/**
 * A handler that is ready to be published.
 *
 * @param layout what it is in a registry, and what a signature of it names, wherever it is kept
 */
public record Publication(PackageFiles files, Manifest manifest, OciLayout layout) {
  /**
   * Reads the manifest of files.
   *
   * @param where they come from, for messages
   * @throws ModuleSourceException if it is not valid
   */
  public static Publication of(String where, PackageFiles files) {
    var id = ManifestReader.identify(files.manifest(), where);
    return new Publication(
        files,
        ManifestReader.read(files.manifest(), id, where),
        OciLayout.of(id, files.manifest(), files.wasm()));
  }

  public ReleaseId id() {
    return new ReleaseId(manifest.name(), manifest.version());
  }
}
