package org.wasmbroker.registry.store;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.registry.release.ReleaseId;
import org.wasmbroker.step.Digest;

/**
 * What a release of a source meant when it was fetched.
 *
 * @param module the digest of its WebAssembly
 * @param manifest the digest of its manifest
 * @param ociManifest the digest of its OCI manifest, which signatures name, or null
 * @param signatures the digests of the signature documents that were with it
 * @param published as the source told, or null
 */
public record Pin(
    ReleaseId id,
    Digest module,
    Digest manifest,
    @Nullable Digest ociManifest,
    List<Digest> signatures,
    @Nullable Instant published) {

  public Pin {
    signatures = List.copyOf(signatures);
  }

  /** Every file that it needs. */
  List<Digest> blobs() {
    var blobs = new ArrayList<>(signatures);
    blobs.add(module);
    blobs.add(manifest);
    if (ociManifest != null) {
      blobs.add(ociManifest);
    }
    return blobs;
  }
}
