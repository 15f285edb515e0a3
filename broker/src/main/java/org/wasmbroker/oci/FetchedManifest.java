package org.wasmbroker.oci;

import org.wasmbroker.step.Document;

/**
 * A manifest as it is stored.
 *
 * @param descriptor its digest is that of the bytes; its media type is what the registry says
 */
public record FetchedManifest(Descriptor descriptor, Document bytes) {
  /** Whether it is a list of manifests. */
  public boolean isIndex() {
    return ImageIndex.isIndex(descriptor.mediaType());
  }
}
