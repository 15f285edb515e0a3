package org.wasmbroker.oci;

import java.util.Optional;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.oci.OciException.Kind;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Document;

/** The manifests of a repository. */
record Manifests(Place place) {
  private static final String ACCEPTED =
      String.join(
          ", ",
          MediaTypes.IMAGE_MANIFEST,
          MediaTypes.IMAGE_INDEX,
          MediaTypes.DOCKER_MANIFEST,
          MediaTypes.DOCKER_LIST);
  private static final String DIGEST_HEADER = "Docker-Content-Digest";

  Optional<Descriptor> head(Reference reference) {
    try (var answer = place.pull(request("HEAD", reference).with("Accept", ACCEPTED))) {
      if (answer.status() == 404) {
        return Optional.empty();
      }
      if (answer.status() != 200) {
        throw RegistryErrors.of(what(reference) + " cannot be looked up", answer);
      }
      var digest = digest(answer, reference);
      if (digest != null) {
        return Optional.of(
            new Descriptor(answer.contentType(), digest, length(answer.header("Content-Length"))));
      }
    }
    // A registry that does not say the digest: the bytes do.
    return Optional.of(get(reference).descriptor());
  }

  private static long length(@Nullable String header) {
    return header != null && header.matches("[0-9]{1,18}") ? Long.parseLong(header) : 0;
  }

  FetchedManifest get(Reference reference) {
    var what = what(reference);
    try (var answer = place.pull(request("GET", reference).with("Accept", ACCEPTED))) {
      if (answer.status() != 200) {
        throw RegistryErrors.of(what + " cannot be read", answer);
      }
      var bytes = answer.body(what, ManifestJson.MAX_BYTES);
      var descriptor = Descriptor.of(answer.contentType(), bytes);
      requireSame(what, descriptor.digest(), digest(answer, reference));
      requireSame(what, descriptor.digest(), reference.digest());
      return new FetchedManifest(descriptor, Document.of(bytes));
    }
  }

  private static void requireSame(String what, Digest actual, @Nullable Digest expected) {
    if (expected != null && !expected.equals(actual)) {
      throw new OciException(
          Kind.DIGEST_MISMATCH,
          "%s: the registry sent other bytes, whose digest is %s; they are not used"
              .formatted(what, Descriptor.text(actual)));
    }
  }

  /** What the registry says; null if it does not. */
  private static @Nullable Digest digest(Answer answer, Reference reference) {
    var header = answer.header(DIGEST_HEADER);
    try {
      return header == null ? null : Descriptor.digest(header.strip());
    } catch (IllegalArgumentException other) {
      throw new OciException(
          Kind.PROTOCOL,
          "%s: the header %s %s".formatted(what(reference), DIGEST_HEADER, other.getMessage()),
          other);
    }
  }

  void put(Reference reference, String mediaType, Document manifest) {
    var what = what(reference);
    if (manifest.size() > ManifestJson.MAX_BYTES) {
      throw new OciException(
          Kind.TOO_LARGE,
          "%s has %d bytes; at most %d are allowed"
              .formatted(what, manifest.size(), ManifestJson.MAX_BYTES));
    }
    requireSame(what, Digest.of(manifest.bytes()), reference.digest());
    var request =
        request("PUT", reference)
            .withBody(() -> new ByteArrayEntity(manifest.bytes(), ContentType.create(mediaType)));
    try (var answer = place.push(request)) {
      if (answer.status() != 201) {
        throw RegistryErrors.of(what + " cannot be stored", answer);
      }
      requireSame(what, Digest.of(manifest.bytes()), digest(answer, reference));
    }
  }

  void delete(Reference reference) {
    try (var answer = place.push(request("DELETE", reference))) {
      if (answer.status() != 202 && answer.status() != 200) {
        throw RegistryErrors.of(what(reference) + " cannot be deleted", answer);
      }
    }
  }

  private OciRequest request(String method, Reference reference) {
    return place.request(method, "manifests/" + reference.manifestName());
  }

  private static String what(Reference reference) {
    return "the manifest " + reference;
  }
}
