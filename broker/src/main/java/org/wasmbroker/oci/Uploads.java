package org.wasmbroker.oci;

import org.wasmbroker.url.HttpUrl;

/** Uploads blobs, each in one piece. An upload that fails is begun anew, at another address. */
record Uploads(Place place) {

  void put(Descriptor blob, BlobContent content) {
    if (new Blobs(place).exists(blob.digest())) {
      return;
    }
    place.repeated(
        once -> {
          upload(once, blob, content);
          return blob;
        });
  }

  private static void upload(Place once, Descriptor blob, BlobContent content) {
    var what =
        "the blob %s@%s cannot be stored"
            .formatted(once.repository(), Descriptor.text(blob.digest()));
    HttpUrl address;
    try (var answer = once.push(once.request("POST", "blobs/uploads/"))) {
      if (answer.status() != 202) {
        throw RegistryErrors.of(what, answer);
      }
      address = once.endpoint().http().location(answer, "sends an upload");
    }
    var request =
        once.transfer("PUT", address.withAppendedQuery("digest=" + Descriptor.text(blob.digest())))
            .withBody(content.entity());
    try (var answer = put(once, request)) {
      if (answer.status() != 201) {
        throw RegistryErrors.of(what, answer);
      }
    }
  }

  /** Another host than the registry's gets no credentials. */
  private static Answer put(Place once, OciRequest request) {
    if (request.url().isSameOrigin(once.url(""))) {
      return once.push(request);
    }
    var answer = once.endpoint().http().send(request, null);
    if (RegistryErrors.isTransient(answer.status())) {
      throw RegistryErrors.of(request.toString(), answer);
    }
    return answer;
  }
}
