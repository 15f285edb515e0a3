package org.wasmbroker.publish;

import org.wasmbroker.registry.release.Manifest;
import org.wasmbroker.registry.release.OciLayout;
import org.wasmbroker.registry.release.ReleaseId;

/**
 * A handler that is ready to be published.
 *
 * @param layout what it is in a registry, and what a signature of it names, wherever it is kept
 */
public record Publication(PackageFiles files, Manifest manifest, OciLayout layout) {
  public ReleaseId id() {
    return new ReleaseId(manifest.name(), manifest.version());
  }
}
