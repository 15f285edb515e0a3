package org.wasmbroker.registry.release;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Document;

/**
 * What an artifact's origin can be judged by.
 *
 * @param manifestDigest of its OCI manifest, which is what a signature names; null if it has none
 * @param signatures the signature documents that were found with it, unverified
 */
public record Provenance(@Nullable Digest manifestDigest, List<Document> signatures) {
  public static final Provenance NONE = new Provenance(null, List.of());

  public Provenance {
    signatures = List.copyOf(signatures);
  }
}
