package org.wasmbroker.egress;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.hc.core5.http.HttpResponse;
import org.wasmbroker.url.HttpTarget;
import org.wasmbroker.url.HttpUrl;
import org.wasmbroker.url.UrlEncoding;

/**
 * One request of a chain of redirects, before secrets are filled in.
 *
 * @param url without the parameters of {@code query}
 * @param query still to be added to the URL
 * @param redirectCount how many redirects led here
 */
record Hop(
    String method,
    HttpUrl url,
    List<RequestField> query,
    List<RequestField> headers,
    RequestBody body,
    int redirectCount) {
  private static final Set<String> CREDENTIAL_HEADERS = Set.of("authorization", "cookie");
  private static final String BODY_HEADER_PREFIX = "content-";

  static Hop first(GuestRequest request, HttpUrl url) {
    return new Hop(request.method(), url, request.query(), request.headers(), request.body(), 0);
  }

  HttpTarget target() {
    return new HttpTarget(method, url);
  }

  /** The URL as the guest may see it: with the placeholders and not what was filled in. */
  String displayUrl() {
    return url.withAppendedQuery(encodeQuery(query)).toString();
  }

  static String encodeQuery(List<RequestField> query) {
    var encoded = new StringBuilder();
    for (var field : query) {
      encoded
          .append(encoded.isEmpty() ? "" : "&")
          .append(UrlEncoding.encode(field.name()))
          .append('=')
          .append(UrlEncoding.encode(field.value()));
    }
    return encoded.toString();
  }

  /** Whether the answer sends the client elsewhere, and says where. */
  static boolean isRedirect(HttpResponse response) {
    return switch (response.getCode()) {
      case 301, 302, 303, 307, 308 -> response.containsHeader("Location");
      default -> false;
    };
  }

  /**
   * The request that a redirect asks for (RFC 9110, 15.4). To another origin it has no credentials:
   * no {@code Authorization}, no {@code Cookie}, and no header that a secret is filled into.
   */
  Hop redirect(HttpResponse response) throws HttpRequestException {
    var next = location(response);
    boolean asGet =
        switch (response.getCode()) {
          case 301, 302 -> method.equals("POST");
          case 303 -> !method.equals("HEAD");
          default -> false;
        };
    boolean crossOrigin = !next.isSameOrigin(url);
    if (crossOrigin && !asGet && hasSecret(body)) {
      throw HttpRequestException.of(
          FailureType.NOT_ALLOWED,
          "redirect",
          "a redirect would carry a body with a secret to another origin");
    }
    return new Hop(
        asGet ? "GET" : method,
        next,
        List.of(),
        headers.stream()
            .filter(header -> !(crossOrigin && isCredential(header)))
            .filter(header -> !(asGet && lowerName(header).startsWith(BODY_HEADER_PREFIX)))
            .toList(),
        asGet ? new RequestBody.None() : body,
        redirectCount + 1);
  }

  private HttpUrl location(HttpResponse response) throws HttpRequestException {
    if (response.countHeaders("Location") == 1) {
      try {
        return url.resolve(response.getFirstHeader("Location").getValue());
      } catch (IllegalArgumentException refused) {
        throw HttpRequestException.of(
            FailureType.NOT_ALLOWED,
            "redirect",
            "the answer redirects to a URL that is refused: " + refused.getMessage());
      }
    }
    throw HttpRequestException.of(
        FailureType.BAD_RESPONSE, "redirect", "the answer redirects to more than one URL");
  }

  private static boolean hasSecret(RequestBody body) {
    return switch (body) {
      case RequestBody.None _, RequestBody.Bytes _ -> false;
      case RequestBody.Text(var text) -> RequestField.hasPlaceholder(text);
      case RequestBody.Json(var json) -> RequestField.hasPlaceholder(json.toString());
    };
  }

  private static boolean isCredential(RequestField header) {
    return header.hasPlaceholder() || CREDENTIAL_HEADERS.contains(lowerName(header));
  }

  private static String lowerName(RequestField header) {
    return header.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public String toString() {
    return "Hop[" + method + " " + url.origin() + "]";
  }
}
