package org.wasmbroker.egress;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.hc.core5.http.HttpResponse;
import org.wasmbroker.telemetry.Tracing.HttpExchange;
import org.wasmbroker.url.HttpTarget;
import org.wasmbroker.url.HttpUrl;
import org.wasmbroker.url.UrlEncoding;

/**
 * One request in a chain of redirects, before secrets are filled in.
 *
 * @param url without the parameters of {@code query}
 * @param query parameters to be appended to the URL
 * @param redirectCount the number of redirects that led here
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

  /** The URL that the guest may see: with placeholders instead of secrets. */
  String displayUrl() {
    return url.withAppendedQuery(encodeQuery(query)).toString();
  }

  /**
   * The request as a trace tells of it. Values of a query are often credentials, and so may be the
   * path that a server redirects to.
   */
  HttpExchange exchange(String rule) {
    var path = redirectCount == 0 ? url.path() : "/";
    boolean hasQuery = url.query() != null || !query.isEmpty();
    return new HttpExchange(
        method,
        url.scheme(),
        url.host().text(),
        url.port(),
        url.origin() + path + (hasQuery ? "?REDACTED" : ""),
        rule,
        redirectCount);
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

  /** Whether the response is a redirect with a location. */
  static boolean isRedirect(HttpResponse response) {
    return switch (response.getCode()) {
      case 301, 302, 303, 307, 308 -> response.containsHeader("Location");
      default -> false;
    };
  }

  /**
   * The request that follows a redirect (RFC 9110, 15.4). To another origin it carries no
   * credentials: no {@code Authorization}, no {@code Cookie}, and no header with a secret.
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
          "a redirect would send a body with a secret to another origin");
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
        return url.resolveLocation(response.getFirstHeader("Location").getValue());
      } catch (IllegalArgumentException refused) {
        throw HttpRequestException.of(
            FailureType.NOT_ALLOWED,
            "redirect",
            "the response redirects to an invalid URL: " + refused.getMessage());
      }
    }
    throw HttpRequestException.of(
        FailureType.BAD_RESPONSE, "redirect", "the response redirects to more than one URL");
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
