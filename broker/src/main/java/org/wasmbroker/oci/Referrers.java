package org.wasmbroker.oci;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.oci.OciException.Kind;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Document;
import org.wasmbroker.url.HttpUrl;

/**
 * The manifests that refer to another one. A registry that keeps no such lists has none of this
 * API, and then the list is an index under the tag {@code sha256-<hex>}, which clients write.
 */
record Referrers(Place place) {
  private static final int MAX_PAGES = 20;
  private static final int MAX_REFERRERS = 1000;

  List<Descriptor> list(Digest subject) {
    var answered = fromApi(subject);
    return answered == null ? fallback(subject).manifests() : answered;
  }

  /** Null if the registry does not have this API. */
  private @Nullable List<Descriptor> fromApi(Digest subject) {
    var all = new ArrayList<Descriptor>();
    @Nullable HttpUrl next = place.url("referrers/" + Descriptor.text(subject));
    for (int page = 0; next != null; page++) {
      var what = what(subject);
      var request = OciRequest.of("GET", next, place.endpoint().limits().exchange());
      try (var answer = place.pull(request.with("Accept", MediaTypes.IMAGE_INDEX))) {
        if (page == 0 && isAbsent(answer)) {
          return null;
        }
        if (answer.status() != 200) {
          throw RegistryErrors.of(what + " cannot be read", answer);
        }
        var index = ImageIndex.read(what, Document.of(answer.body(what, ManifestJson.MAX_BYTES)));
        all.addAll(index.manifests());
        next = Links.next(answer);
      }
      if (all.size() > MAX_REFERRERS || page == MAX_PAGES) {
        throw new OciException(
            Kind.TOO_LARGE, what + " has more than " + MAX_REFERRERS + " elements");
      }
    }
    return all;
  }

  /** Registries that do not know the address say so in various ways. */
  private static boolean isAbsent(Answer answer) {
    return switch (answer.status()) {
      case 400, 404, 405, 406, 501 -> true;
      case 200 -> !answer.contentType().equals(MediaTypes.IMAGE_INDEX);
      default -> false;
    };
  }

  private ImageIndex fallback(Digest subject) {
    var reference = Reference.of(place.repository(), tag(subject));
    try {
      var fetched = new Manifests(place).get(reference);
      return fetched.isIndex() ? ImageIndex.read(what(subject), fetched.bytes()) : ImageIndex.EMPTY;
    } catch (OciException failure) {
      if (failure.kind() == Kind.NOT_FOUND) {
        return ImageIndex.EMPTY;
      }
      throw failure;
    }
  }

  /** Two clients that attach at the same moment may lose one of both: the API has no condition. */
  Digest attach(ImageManifest manifest) {
    var subject = Objects.requireNonNull(manifest.subject(), "the manifest refers to nothing");
    var document = manifest.document();
    var stored = Descriptor.of(manifest.mediaType(), document.bytes());
    new Manifests(place)
        .put(Reference.of(place.repository(), stored.digest()), manifest.mediaType(), document);
    if (fromApi(subject.digest()) == null) {
      var listed =
          new Descriptor(
              stored.mediaType(),
              stored.digest(),
              stored.size(),
              manifest.type(),
              manifest.annotations());
      var index = fallback(subject.digest()).with(listed);
      new Manifests(place)
          .put(
              Reference.of(place.repository(), tag(subject.digest())),
              index.mediaType(),
              index.document());
    }
    return stored.digest();
  }

  private static String tag(Digest subject) {
    return "sha256-" + subject.hex();
  }

  private String what(Digest subject) {
    return "the list of what refers to %s@%s"
        .formatted(place.repository(), Descriptor.text(subject));
  }
}
