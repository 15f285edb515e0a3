package org.wasmbroker.publish;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.oci.Descriptor;
import org.wasmbroker.oci.ImageManifest;
import org.wasmbroker.oci.OciException;
import org.wasmbroker.oci.OciException.Kind;
import org.wasmbroker.oci.Reference;
import org.wasmbroker.oci.RegistryClient;
import org.wasmbroker.registry.release.OciLayout;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Document;

/**
 * Fetches the files of a handler from a registry. Every byte is checked against the digests of the
 * manifest that the reference names.
 */
public final class RegistryPackages {
  private static final int MAX_SIGNATURES = 16;
  private static final int MAX_SIGNATURE_BYTES = 64 << 10;

  private final RegistryClient client;
  private final int maxModuleBytes;

  public RegistryPackages(RegistryClient client, int maxModuleBytes) {
    this.client = client;
    this.maxModuleBytes = maxModuleBytes;
  }

  /**
   * What a reference names.
   *
   * @param digest of its manifest
   * @param manifest empty if another tool pushed it, without a {@code manifest.json}
   */
  public record Fetched(
      Digest digest, WasmBinary wasm, Optional<Document> manifest, List<Document> signatures) {

    /**
     * As files.
     *
     * @throws PackageRefusedException if there is no manifest
     */
    public PackageFiles files(Reference reference) {
      return new PackageFiles(
          manifest.orElseThrow(
              () ->
                  new PackageRefusedException(
                      reference
                          + " has no manifest.json of a handler: another tool pushed it without")),
          wasm,
          signatures.isEmpty()
              ? Optional.empty()
              : Optional.of(SignatureFile.join(List.of(), signatures)),
          List.of());
    }
  }

  /**
   * Fetches module, manifest and signatures.
   *
   * @throws OciException if that cannot be done
   * @throws PackageRefusedException if it is no artifact of one module
   */
  public Fetched fetch(Reference reference) {
    if (!reference.namesManifest()) {
      throw new PackageRefusedException(
          "%s names a repository; add a version, such as %s:1.0.0".formatted(reference, reference));
    }
    var fetched = client.manifest(reference);
    if (fetched.isIndex()) {
      throw new PackageRefusedException(
          reference + " is a list of manifests; name the one of the module by its digest");
    }
    var image = ImageManifest.read("the manifest of " + reference, fetched.bytes());
    var digest = fetched.descriptor().digest();
    return new Fetched(
        digest,
        new WasmBinary(blob(reference, module(reference, image), maxModuleBytes)),
        layer(image, OciLayout.MANIFEST_TYPE)
            .map(layer -> blob(reference, layer, PackageFiles.MAX_MANIFEST_BYTES))
            .map(Document::of),
        signatures(reference, digest));
  }

  private byte[] blob(Reference reference, Descriptor blob, int maxBytes) {
    return client.blob(reference.repository(), blob, maxBytes);
  }

  private static Descriptor module(Reference reference, ImageManifest image) {
    return layer(image, OciLayout.WASM_TYPE)
        .orElseThrow(
            () ->
                new PackageRefusedException(
                    "%s has no layer of type %s: it is no WebAssembly module"
                        .formatted(reference, OciLayout.WASM_TYPE)));
  }

  private static Optional<Descriptor> layer(ImageManifest image, String type) {
    return image.layers().stream().filter(layer -> layer.mediaType().equals(type)).findFirst();
  }

  private List<Document> signatures(Reference reference, Digest digest) {
    return client.referrers(reference.repository(), digest, RegistryTarget.BUNDLE).stream()
        .limit(MAX_SIGNATURES)
        .map(referrer -> signature(reference, referrer))
        .flatMap(Optional::stream)
        .toList();
  }

  /** Another's broken signature is none. */
  private Optional<Document> signature(Reference reference, Descriptor referrer) {
    try {
      var at = Reference.of(reference.repository(), referrer.digest());
      var image = ImageManifest.read("a signature of " + reference, client.manifest(at).bytes());
      @Nullable Descriptor bundle = layer(image, RegistryTarget.BUNDLE).orElse(null);
      return bundle == null
          ? Optional.empty()
          : Optional.of(Document.of(blob(reference, bundle, MAX_SIGNATURE_BYTES)));
    } catch (OciException broken) {
      if (broken.kind() == Kind.UNAVAILABLE) {
        throw broken;
      }
      return Optional.empty();
    }
  }
}
