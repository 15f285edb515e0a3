package org.wasmbroker.oci;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.oci.OciException.Kind;
import org.wasmbroker.url.HttpUrl;

/** The next page of a list (RFC 8288). */
final class Links {
  private static final Pattern NEXT =
      Pattern.compile("<([^<>]{1,4096})>\\s*;[^<>]*\\brel\\s*=\\s*\"?next\"?");

  private Links() {}

  /**
   * The address of the next page, or null.
   *
   * @throws OciException if it is at another host: it would get the credentials
   */
  static @Nullable HttpUrl next(Answer answer) {
    for (var header : answer.headers("Link")) {
      var next = NEXT.matcher(header);
      if (next.find()) {
        return sameOrigin(answer.url(), next.group(1));
      }
    }
    return null;
  }

  private static HttpUrl sameOrigin(HttpUrl from, String link) {
    try {
      var next = from.resolve(link);
      if (next.isSameOrigin(from)) {
        return next;
      }
      throw new OciException(
          Kind.PROTOCOL,
          "the registry %s says that the next page of a list is at another host"
              .formatted(from.origin()));
    } catch (IllegalArgumentException invalid) {
      throw new OciException(
          Kind.PROTOCOL,
          "the registry %s names a next page that is not valid: %s"
              .formatted(from.origin(), invalid.getMessage()),
          invalid);
    }
  }
}
