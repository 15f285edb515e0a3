package org.wasmbroker.registry.source;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.oci.Descriptor;
import org.wasmbroker.oci.ImageManifest;
import org.wasmbroker.oci.OciException;
import org.wasmbroker.oci.OciException.Kind;
import org.wasmbroker.oci.Reference;
import org.wasmbroker.oci.RegistryClient;
import org.wasmbroker.oci.Repository;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Document;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * Finds what may be signatures of a manifest; whether they are valid is for others to say. A
 * registry that does not answer is not one that has none: that is an error. One document that
 * cannot be read is passed over.
 */
final class OciSignatures {
  private static final Logger log = LoggerFactory.getLogger(OciSignatures.class);

  private static final int MAX_SIGNATURES = 16;
  private static final int MAX_LOOKED_AT = 50;
  private static final int MAX_BYTES = 64 << 10;
  private static final String BUNDLE_TYPE = "application/vnd.dev.sigstore.bundle";
  private static final String SIMPLE_SIGNING_TYPE =
      "application/vnd.dev.cosign.simplesigning.v1+json";
  private static final String SIGNATURE_ANNOTATION = "dev.cosignproject.cosign/signature";

  private final RegistryClient client;

  OciSignatures(RegistryClient client) {
    this.client = client;
  }

  List<Document> find(Repository repository, Digest manifest) {
    var found = new ArrayList<Document>();
    addBundles(found, repository, manifest);
    addSimpleSignings(found, repository, manifest);
    return List.copyOf(found);
  }

  /**
   * The newest first, as they are listed last. The list may name the type of an artifact or of its
   * config.
   */
  private void addBundles(List<Document> found, Repository repository, Digest manifest) {
    var referrers = client.referrers(repository, manifest, null).reversed();
    for (var referrer : referrers.stream().limit(MAX_LOOKED_AT).toList()) {
      if (found.size() < MAX_SIGNATURES) {
        tolerantly(repository, () -> addBundle(found, repository, referrer));
      }
    }
  }

  private void addBundle(List<Document> found, Repository repository, Descriptor referrer) {
    var image = image(Reference.of(repository, referrer.digest()));
    for (var layer : image.layers()) {
      if (layer.mediaType().startsWith(BUNDLE_TYPE) && found.size() < MAX_SIGNATURES) {
        found.add(Document.of(client.blob(repository, layer, MAX_BYTES)));
      }
    }
  }

  /** The older form, in which cosign wrote until its version 3. */
  private void addSimpleSignings(List<Document> found, Repository repository, Digest manifest) {
    var reference = Reference.of(repository, "sha256-" + manifest.hex() + ".sig");
    if (client.head(reference).isEmpty()) {
      return;
    }
    tolerantly(
        repository,
        () -> {
          for (var layer : image(reference).layers().reversed()) {
            var signature = layer.annotation(SIGNATURE_ANNOTATION);
            if (signature != null
                && layer.mediaType().equals(SIMPLE_SIGNING_TYPE)
                && found.size() < MAX_SIGNATURES) {
              found.add(simpleSigning(signature, client.blob(repository, layer, MAX_BYTES)));
            }
          }
        });
  }

  /** In one document, as {@code cosign download signature} prints it. */
  private static Document simpleSigning(String signature, byte[] payload) {
    return Document.of(
        JsonNodeFactory.instance
            .objectNode()
            .put("Base64Signature", signature)
            .put("Payload", Base64.getEncoder().encodeToString(payload))
            .toString());
  }

  private ImageManifest image(Reference reference) {
    return ImageManifest.read("the manifest " + reference, client.manifest(reference).bytes());
  }

  private static void tolerantly(Repository repository, Runnable reading) {
    try {
      reading.run();
    } catch (OciException failure) {
      if (failure.kind() == Kind.UNAVAILABLE
          || failure.kind() == Kind.UNAUTHORIZED
          || failure.kind() == Kind.DENIED) {
        throw failure;
      }
      log.atWarn()
          .addKeyValue("repository", repository)
          .log("what may be a signature cannot be read: {}", failure.getMessage());
    }
  }
}
