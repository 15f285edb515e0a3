package org.wasmbroker.registry.trust;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.document.DocumentReader;
import org.wasmbroker.document.DocumentReader.Syntax;
import org.wasmbroker.oci.Descriptor;
import org.wasmbroker.oci.ImageManifest;
import org.wasmbroker.oci.OciException;
import org.wasmbroker.registry.release.Evidence;
import org.wasmbroker.registry.release.OciLayout;
import org.wasmbroker.registry.release.ReleaseId;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Document;

/**
 * What a signature of a release covers. It names the digest of an OCI manifest and nothing else, so
 * the manifest's layers have to be the very module and {@code manifest.json} that would run, and
 * the latter has to name the handler and the version: else a valid signature of one release could
 * be put beside another.
 */
final class SignedContent {
  private static final DocumentReader JSON =
      new DocumentReader(Syntax.JSON, 1 << 20, 100).withoutPositions();

  private SignedContent() {}

  /** Why a signature of the OCI manifest says nothing about that release; empty if it does. */
  static Optional<String> mismatch(ReleaseId id, Evidence evidence) {
    var bytes = evidence.provenance().ociManifest();
    if (bytes == null) {
      return Optional.of("it has no OCI manifest, which is what a signature names");
    }
    ImageManifest image;
    try {
      image = ImageManifest.read("its OCI manifest", bytes);
    } catch (OciException invalid) {
      return Optional.of(String.valueOf(invalid.getMessage()));
    }
    if (image.layers().size() != 2
        || !has(image, OciLayout.WASM_TYPE, evidence.module(), evidence.moduleBytes())
        || !has(
            image,
            OciLayout.MANIFEST_TYPE,
            Digest.of(evidence.manifest().bytes()),
            evidence.manifest().size())) {
      return Optional.of(
          "the layers of its OCI manifest are not this module and this manifest.json, so that its"
              + " signatures are for something else; publish it with `wasm-broker publish`");
    }
    return names(evidence.manifest(), id)
        ? Optional.empty()
        : Optional.of("its manifest.json does not name " + id);
  }

  private static boolean has(ImageManifest image, String mediaType, Digest digest, long size) {
    return image.layers().stream().anyMatch(layer -> is(layer, mediaType, digest, size));
  }

  private static boolean is(Descriptor layer, String mediaType, Digest digest, long size) {
    return layer.mediaType().equals(mediaType)
        && layer.digest().equals(digest)
        && layer.size() == size;
  }

  private static boolean names(Document manifest, ReleaseId id) {
    var document = JSON.read("", manifest.bytes());
    var root = document.object();
    @Nullable String name = root.string("name");
    @Nullable String version = root.string("version");
    return !document.hasProblems()
        && id.handler().equals(name)
        && id.version().toString().equals(version);
  }
}
