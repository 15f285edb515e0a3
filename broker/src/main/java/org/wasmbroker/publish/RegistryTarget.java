package org.wasmbroker.publish;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.wasmbroker.oci.Descriptor;
import org.wasmbroker.oci.ImageManifest;
import org.wasmbroker.oci.MediaTypes;
import org.wasmbroker.oci.OciException;
import org.wasmbroker.oci.OciException.Kind;
import org.wasmbroker.oci.Reference;
import org.wasmbroker.oci.RegistryClient;
import org.wasmbroker.oci.Repository;
import org.wasmbroker.registry.release.OciLayout;
import org.wasmbroker.registry.release.ReleaseId;
import org.wasmbroker.registry.source.OciModules;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.step.Version;

/** A repository of an OCI registry, which is of one handler; its tags are the versions. */
public final class RegistryTarget implements PublishTarget {
  private static final String BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json";
  private static final Map<String, String> BUNDLE_ANNOTATIONS =
      Map.of(
          "dev.sigstore.bundle.content", "dsse-envelope",
          "dev.sigstore.bundle.predicateType", "https://sigstore.dev/cosign/sign/v1");
  private static final byte[] EMPTY_CONFIG = "{}".getBytes(StandardCharsets.UTF_8);

  private final RegistryClient client;
  private final Reference reference;

  /**
   * @param client which is closed with this
   * @param reference a repository, or a tag in it
   */
  public RegistryTarget(RegistryClient client, Reference reference) {
    this.client = client;
    this.reference = reference;
  }

  @Override
  public String location(ReleaseId id) {
    return tag(id).toString();
  }

  private Repository repository() {
    return reference.repository();
  }

  private Reference tag(ReleaseId id) {
    return Reference.of(repository(), id.version().toString());
  }

  @Override
  public Optional<String> mismatch(ReleaseId id) {
    if (!repository().lastName().equals(id.handler())) {
      return Optional.of(
          "the last part of %s must be the handler's name, %s"
              .formatted(repository(), id.handler()));
    }
    var tag = reference.tag();
    if (reference.digest() != null) {
      return Optional.of("%s has a digest, which follows from the content".formatted(reference));
    }
    return tag == null || tag.equals(id.version().toString())
        ? Optional.empty()
        : Optional.of(
            "the manifest says version %s; publish it as %s, or change the manifest"
                .formatted(id.version(), tag(id)));
  }

  @Override
  public List<Version> versions(String handler) {
    var versions = new ArrayList<Version>();
    for (var tag : client.tags(repository())) {
      try {
        versions.add(Version.parse(tag));
      } catch (IllegalArgumentException another) {
        // such as latest, or that of a signature
      }
    }
    return versions;
  }

  @Override
  public Optional<Published> find(ReleaseId id) {
    try {
      var fetched = client.manifest(tag(id));
      return Optional.of(
          new Published(
              fetched.descriptor().digest(),
              fetched.isIndex() ? Optional.empty() : manifest(id, fetched.bytes())));
    } catch (OciException failure) {
      if (failure.kind() == Kind.NOT_FOUND) {
        return Optional.empty();
      }
      throw failure;
    }
  }

  private Optional<Document> manifest(ReleaseId id, Document image) {
    return ImageManifest.read("the manifest of " + tag(id), image).layers().stream()
        .filter(layer -> layer.mediaType().equals(OciLayout.MANIFEST_TYPE))
        .findFirst()
        .map(layer -> client.blob(repository(), layer, PackageFiles.MAX_MANIFEST_BYTES))
        .map(Document::of);
  }

  @Override
  public void put(Publication publication, Consumer<String> progress) {
    var layout = publication.layout();
    var there = client.head(tag(publication.id())).map(Descriptor::digest);
    if (there.isPresent()) {
      requireSame(publication, there.orElseThrow());
      return;
    }
    var image = layout.image();
    push("config", image.config(), layout.config().bytes(), progress);
    push("module", image.layers().get(0), publication.files().wasm().bytes(), progress);
    push("manifest", image.layers().get(1), publication.files().manifest().bytes(), progress);
    client.putManifest(tag(publication.id()), image.mediaType(), layout.bytes());
    // Registries let anybody who may push overwrite a tag: another one may have, meanwhile.
    client
        .head(tag(publication.id()))
        .ifPresent(tagged -> requireSame(publication, tagged.digest()));
  }

  private static void requireSame(Publication publication, Digest there) {
    if (!there.equals(publication.layout().digest())) {
      throw new PackageRefusedException(
          "%s is published with other content (%s); raise the version"
              .formatted(publication.id(), Descriptor.text(there)));
    }
  }

  private void push(String what, Descriptor blob, byte[] content, Consumer<String> progress) {
    if (client.hasBlob(repository(), blob.digest())) {
      progress.accept("%s is there already".formatted(what));
    } else {
      progress.accept("pushing %s, %d bytes".formatted(what, blob.size()));
      client.putBlob(repository(), blob, content);
    }
  }

  @Override
  public List<Document> signatures(Publication publication) {
    return new OciModules(repository(), client, 1, TimeSource.SYSTEM)
        .signatures(publication.id(), publication.layout().digest());
  }

  @Override
  public void sign(Publication publication, List<Document> signatures, Consumer<String> progress) {
    for (var signature : signatures) {
      if (SignatureFile.isBundle(signature)) {
        progress.accept("pushing a signature, %d bytes".formatted(signature.size()));
        sign(publication, signature);
      } else {
        progress.accept("a signature of an old form is left out: cosign attaches it");
      }
    }
  }

  private void sign(Publication publication, Document signature) {
    var config = Descriptor.of(MediaTypes.EMPTY, EMPTY_CONFIG);
    var bundle = Descriptor.of(BUNDLE, signature.bytes());
    client.putBlob(repository(), config, EMPTY_CONFIG);
    client.putBlob(repository(), bundle, signature.bytes());
    var layout = publication.layout();
    client.attach(
        repository(),
        new ImageManifest(
            MediaTypes.IMAGE_MANIFEST,
            BUNDLE,
            config,
            List.of(bundle),
            Descriptor.of(layout.image().mediaType(), layout.bytes().bytes()),
            BUNDLE_ANNOTATIONS));
  }

  @Override
  public void close() {
    client.close();
  }
}
