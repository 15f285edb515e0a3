package org.wasmbroker.registry.source;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.oci.Annotations;
import org.wasmbroker.oci.Descriptor;
import org.wasmbroker.oci.FetchedManifest;
import org.wasmbroker.oci.ImageManifest;
import org.wasmbroker.oci.OciException;
import org.wasmbroker.oci.OciException.Kind;
import org.wasmbroker.oci.Reference;
import org.wasmbroker.oci.RegistryClient;
import org.wasmbroker.oci.Repository;
import org.wasmbroker.registry.release.Artifact;
import org.wasmbroker.registry.release.ManifestReader;
import org.wasmbroker.registry.release.OciLayout;
import org.wasmbroker.registry.release.Provenance;
import org.wasmbroker.registry.release.ReleaseId;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Version;

/**
 * Artifacts of OCI registries: those in {@link OciLayout}, and those that other tools pushed, which
 * have a module and no manifest of ours. Such a module gets a manifest that requests nothing.
 * Thread-safe; all methods throw an {@link OciException} for what cannot be had.
 */
public final class OciArtifacts {
  private static final int MAX_MANIFEST_BYTES = 1 << 20;

  /** Kept with the artifact; those of modules have one or two kilobytes. */
  private static final int MAX_OCI_MANIFEST_BYTES = 64 << 10;

  private static final Set<String> WASM_TYPES =
      Set.of(OciLayout.WASM_TYPE, "application/vnd.wasm.content.layer.v1+wasm");
  private static final String WASM_SUFFIX = ".wasm";

  private final RegistryClient client;
  private final OciSignatures signatures;
  private final int maxModuleBytes;

  /**
   * @param maxModuleBytes the size of the largest module that is fetched
   */
  public OciArtifacts(RegistryClient client, int maxModuleBytes) {
    this.client = client;
    this.signatures = new OciSignatures(client);
    this.maxModuleBytes = maxModuleBytes;
  }

  /** An artifact and what it is. */
  public record Fetched(ReleaseId id, Artifact artifact) {}

  /** What a reference names. Its version is that of the tag, or else that of its manifest. */
  public Fetched fetch(Reference reference) {
    var oci = manifest(reference);
    var image = oci.image();
    var manifest = handlerManifest(reference.repository(), image);
    var id = id(reference, image, manifest);
    return new Fetched(
        id, artifact(reference.repository(), oci, manifest == null ? defaults(id) : manifest));
  }

  /** The artifact of a release whose OCI manifest is known. */
  Artifact fetch(ReleaseId id, Repository repository, ModuleManifest oci) {
    var manifest = handlerManifest(repository, oci.image());
    return artifact(repository, oci, manifest == null ? defaults(id) : manifest);
  }

  private Artifact artifact(Repository repository, ModuleManifest oci, Document manifest) {
    var wasm = client.blob(repository, oci.module(), maxModuleBytes);
    return new Artifact(
        manifest,
        new WasmBinary(wasm),
        new Provenance(oci.bytes(), signatures(repository, oci.digest())));
  }

  /** The signature documents that there are of a manifest now. */
  public List<Document> signatures(Repository repository, Digest manifest) {
    return signatures.find(repository, manifest);
  }

  /** An OCI manifest that has a module. */
  record ModuleManifest(Digest digest, Document bytes, ImageManifest image, Descriptor module) {}

  ModuleManifest manifest(Reference reference) {
    var fetched = client.manifest(reference);
    requireManifest(reference, fetched);
    var image = ImageManifest.read("the manifest of " + reference, fetched.bytes());
    return new ModuleManifest(
        fetched.descriptor().digest(), fetched.bytes(), image, module(reference, image));
  }

  private static void requireManifest(Reference reference, FetchedManifest fetched) {
    if (fetched.isIndex()) {
      throw new OciException(
          Kind.PROTOCOL, reference + " is a list of manifests; a module is pushed as one manifest");
    }
    if (fetched.bytes().size() > MAX_OCI_MANIFEST_BYTES) {
      throw new OciException(
          Kind.TOO_LARGE,
          "the manifest of %s has %d bytes; a module's has at most %d"
              .formatted(reference, fetched.bytes().size(), MAX_OCI_MANIFEST_BYTES));
    }
  }

  /** By its type, or else by its title, or else the only layer. */
  private static Descriptor module(Reference reference, ImageManifest image) {
    var layers = image.layers();
    return layers.stream()
        .filter(layer -> WASM_TYPES.contains(layer.mediaType()))
        .findFirst()
        .or(() -> layers.stream().filter(OciArtifacts::hasWasmTitle).findFirst())
        .or(() -> layers.stream().filter(layer -> isOnlyOne(layers, layer)).findFirst())
        .orElseThrow(
            () ->
                new OciException(
                    Kind.PROTOCOL,
                    "%s has no layer of the type %s among its %d layers; it is no module"
                        .formatted(reference, OciLayout.WASM_TYPE, layers.size())));
  }

  private static boolean hasWasmTitle(Descriptor layer) {
    var title = layer.annotation(Annotations.TITLE);
    return title != null && title.endsWith(WASM_SUFFIX);
  }

  private static boolean isOnlyOne(List<Descriptor> layers, Descriptor layer) {
    return layers.size() == 1 && layer.mediaType().equals("application/octet-stream");
  }

  /** Null if another tool pushed it. */
  private @Nullable Document handlerManifest(Repository repository, ImageManifest image) {
    for (var layer : image.layers()) {
      if (layer.mediaType().equals(OciLayout.MANIFEST_TYPE)) {
        return Document.of(client.blob(repository, layer, MAX_MANIFEST_BYTES));
      }
    }
    return null;
  }

  private static ReleaseId id(
      Reference reference, ImageManifest image, @Nullable Document manifest) {
    var ofTag = version(reference.tag());
    if (ofTag != null) {
      return new ReleaseId(reference.repository().lastName(), ofTag);
    }
    if (manifest != null) {
      return ManifestReader.identify(manifest, reference.toString());
    }
    var annotated = version(image.annotations().get(Annotations.VERSION));
    if (annotated == null) {
      throw new OciException(
          Kind.PROTOCOL,
          "%s does not say its version; name it by a tag such as :1.0.0".formatted(reference));
    }
    return new ReleaseId(reference.repository().lastName(), annotated);
  }

  static @Nullable Version version(@Nullable String text) {
    try {
      return text == null ? null : Version.parse(text);
    } catch (IllegalArgumentException notAVersion) {
      return null;
    }
  }

  /** It requests nothing, and has the operator's limits. */
  private static Document defaults(ReleaseId id) {
    return Document.of(
        "{\"name\":\"%s\",\"version\":\"%s\",\"abi\":\"1\",\"capabilities\":{}}"
            .formatted(id.handler(), id.version()));
  }
}
