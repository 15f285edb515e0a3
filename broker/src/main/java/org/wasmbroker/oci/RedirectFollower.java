package org.wasmbroker.oci;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.url.HttpUrl;

/**
 * Follows the redirects of requests that read. Beyond the origin that they are for, credentials are
 * not sent, not even when a later redirect leads back; HTTPS is never left for HTTP.
 */
record RedirectFollower(Transport transport, Schemes schemes) {
  private static final int MAX_REDIRECTS = 5;

  Answer send(OciRequest request, @Nullable String authorization) {
    var answer = transport.send(request, authorization);
    var proof = authorization;
    for (int redirects = 0; request.isRead() && isRedirect(answer); redirects++) {
      var from = answer.url();
      var next = next(answer, redirects);
      if (!next.isSameOrigin(from)) {
        proof = null;
      }
      answer = transport.send(request.to(next), proof);
    }
    return answer;
  }

  private static boolean isRedirect(Answer answer) {
    return switch (answer.status()) {
      case 301, 302, 303, 307, 308 -> true;
      default -> false;
    };
  }

  private HttpUrl next(Answer answer, int redirects) {
    try (answer) {
      var from = answer.url();
      if (redirects == MAX_REDIRECTS) {
        throw refused(from, "more than " + MAX_REDIRECTS + " times");
      }
      return location(answer, "redirects");
    }
  }

  /**
   * The address that a response names.
   *
   * @param does what the registry does with it, for the message
   * @throws OciException if there is none, or it must not be used
   */
  HttpUrl location(Answer answer, String does) {
    var from = answer.url();
    var locations = answer.headers("Location");
    if (locations.size() != 1) {
      throw new OciException(
          OciException.Kind.PROTOCOL,
          "the registry %s %s to %s address"
              .formatted(from.origin(), does, locations.isEmpty() ? "no" : "more than one"));
    }
    HttpUrl next;
    try {
      next = from.resolveLocation(locations.getFirst());
    } catch (IllegalArgumentException invalid) {
      throw refused(from, "to an address that is not valid: " + invalid.getMessage());
    }
    if ((from.isSecure() && !next.isSecure()) || !schemes.allows(next)) {
      throw refused(from, "to " + next.origin() + ", which has no TLS");
    }
    return next;
  }

  private static OciException refused(HttpUrl from, String how) {
    return new OciException(
        OciException.Kind.PROTOCOL, "the registry %s redirects %s".formatted(from.origin(), how));
  }
}
