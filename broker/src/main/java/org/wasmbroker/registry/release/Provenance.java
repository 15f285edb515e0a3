package org.wasmbroker.registry.release;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Document;

/**
 * What an artifact's origin can be judged by.
 *
 * @param ociManifest its OCI manifest byte for byte, or null if it has none. Kept whole, so that
 *     what a signature names can be compared with the module and the manifest that would run.
 * @param signatures the signature documents that were found with it, unverified
 */
public record Provenance(@Nullable Document ociManifest, List<Document> signatures) {
  public static final Provenance NONE = new Provenance(null, List.of());

  public Provenance {
    signatures = List.copyOf(signatures);
  }

  /** The digest of the OCI manifest, which is what a signature names; null if there is none. */
  public @Nullable Digest manifestDigest() {
    return ociManifest == null ? null : Digest.of(ociManifest.bytes());
  }
}
