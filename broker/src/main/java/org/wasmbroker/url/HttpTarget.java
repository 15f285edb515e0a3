package org.wasmbroker.url;

/**
 * What a request is checked by, in the form in which it is sent.
 *
 * @param scheme {@code http} or {@code https}
 * @param host in ASCII and lower case; an IPv6 address in brackets
 * @param path with its dot segments removed, without the query
 */
public record HttpTarget(String method, String scheme, String host, int port, String path) {
  public static HttpTarget of(String method, HttpUrl url) {
    return new HttpTarget(method, url.scheme(), url.host().text(), url.port(), url.path());
  }
}
