package org.wasmbroker.url;

/**
 * What a request is authorized by: its method and the URL that will be sent.
 *
 * @param method in upper case
 */
public record HttpTarget(String method, HttpUrl url) {
  /**
   * Reads a URL.
   *
   * @throws IllegalArgumentException if it is not a valid URL; the message says why
   */
  public static HttpTarget parse(String method, String url) {
    return new HttpTarget(method, HttpUrl.parse(url));
  }

  /** Scheme, host and port, for logs and the audit. */
  public String origin() {
    return url.scheme() + "://" + url.host().text() + ":" + url.port();
  }

  @Override
  public String toString() {
    return method + " " + origin();
  }
}
