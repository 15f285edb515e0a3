package org.wasmbroker.url;

import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A URL of a request, parsed once and strictly. This value, not the text that it came from, is
 * checked, sent and shown.
 *
 * <p>Refused: schemes other than {@code http} and {@code https}, anything but two slashes after
 * them, user names, backslashes, spaces and control characters, ports with signs or leading zeros,
 * malformed percent codes, and what {@link HostName} refuses. Normalized: the case of scheme, host
 * and percent codes, codes of unreserved characters, dot segments, an empty path, an empty or
 * default port, a trailing dot of the host. Dropped: the fragment.
 *
 * @param scheme {@code http} or {@code https}
 * @param path begins with a slash
 * @param query without its question mark, null if there is none
 */
public record HttpUrl(String scheme, HostName host, int port, String path, @Nullable String query) {
  public static final int MAX_LENGTH = 8192;

  private static final Pattern ABSOLUTE =
      Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*:.*", Pattern.DOTALL);

  /**
   * Reads an absolute URL.
   *
   * @throws IllegalArgumentException if it is not valid; the message says why and does not quote it
   */
  public static HttpUrl parse(String text) {
    if (text.length() > MAX_LENGTH) {
      throw new IllegalArgumentException(
          "the URL must have at most %d characters, had %d".formatted(MAX_LENGTH, text.length()));
    }
    UrlEncoding.requireUnambiguous(text);
    var parts = UrlParts.split(text);
    var scheme = parts == null ? "" : parts.scheme().toLowerCase(Locale.ROOT);
    if (parts == null || (!scheme.equals("http") && !scheme.equals("https"))) {
      throw new IllegalArgumentException("the URL must begin with http:// or https://");
    }
    if (parts.hasUserInfo()) {
      throw new IllegalArgumentException("the URL must have no user name or password");
    }
    var host = parts.host();
    if (host.isEmpty()) {
      throw new IllegalArgumentException("the URL has no host");
    }
    var port = parts.port();
    var query = parts.query();
    return new HttpUrl(
        scheme,
        HostName.parse(host),
        port == null || port.isEmpty() ? Ports.defaultFor(scheme) : port(port),
        UrlEncoding.normalizePath(parts.path()),
        query == null ? null : UrlEncoding.normalizeQuery(query));
  }

  private static int port(String text) {
    return Ports.parse(text)
        .orElseThrow(
            () -> new IllegalArgumentException("the URL's port must be 1 to 65535, in decimal"));
  }

  /**
   * Resolves a reference, such as the value of {@code Location}, against this URL.
   *
   * @throws IllegalArgumentException if the result is not a valid URL; the message says why
   */
  public HttpUrl resolve(String reference) {
    if (ABSOLUTE.matcher(reference).matches()) {
      return parse(reference);
    }
    if (reference.startsWith("//")) {
      return parse(scheme + ":" + reference);
    }
    if (reference.startsWith("/")) {
      return parse(origin() + reference);
    }
    if (reference.isEmpty() || reference.startsWith("#")) {
      return this;
    }
    if (reference.startsWith("?")) {
      return parse(origin() + path + reference);
    }
    return parse(origin() + path.substring(0, path.lastIndexOf('/') + 1) + reference);
  }

  /**
   * Follows a {@code Location} header, which servers write more freely than guests have to write
   * URLs. As in the WHATWG's URL Standard, spaces around it and tabs within it are dropped, other
   * spaces are encoded, and so is each byte that is not ASCII.
   *
   * @param location the header's bytes as characters up to U+00FF
   * @throws IllegalArgumentException if the result is not a valid URL; the message says why
   */
  public HttpUrl resolveLocation(String location) {
    return resolve(UrlEncoding.encodeLocation(location.strip()));
  }

  /** The same URL with parameters appended to its query. */
  public HttpUrl withAppendedQuery(String parameters) {
    if (parameters.isEmpty()) {
      return this;
    }
    var newQuery = query == null || query.isEmpty() ? parameters : query + "&" + parameters;
    if (newQuery.length() > MAX_LENGTH) {
      throw new IllegalArgumentException(
          "the URL's query must have at most %d characters, had %d"
              .formatted(MAX_LENGTH, newQuery.length()));
    }
    return new HttpUrl(scheme, host, port, path, newQuery);
  }

  public boolean isSecure() {
    return scheme.equals("https");
  }

  /** Host, and port unless it is the default: the value of the header {@code Host}. */
  public String authority() {
    return port == Ports.defaultFor(scheme) ? host.text() : host.text() + ":" + port;
  }

  /** Scheme, host and port: the only part of a URL that may be logged. */
  public String origin() {
    return scheme + "://" + authority();
  }

  public boolean isSameOrigin(HttpUrl other) {
    return origin().equals(other.origin());
  }

  /** The target of the request line. */
  public String pathAndQuery() {
    return query == null ? path : path + "?" + query;
  }

  @Override
  public String toString() {
    return origin() + pathAndQuery();
  }
}
