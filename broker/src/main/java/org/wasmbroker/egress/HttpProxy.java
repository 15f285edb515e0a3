package org.wasmbroker.egress;

import org.wasmbroker.url.HttpUrl;

/**
 * The operator's proxy, reached by plain HTTP and used by CONNECT.
 *
 * @param host a name or an address; an IPv6 address in brackets
 */
public record HttpProxy(String host, int port) {
  /**
   * Reads {@code http://proxy.example.org:3128}.
   *
   * @throws IllegalArgumentException if it is not a valid proxy URL; the message says why
   */
  public static HttpProxy parse(String text) {
    var url = HttpUrl.parse(text);
    if (url.isSecure() || !url.pathAndQuery().equals("/")) {
      throw new IllegalArgumentException("a proxy is given as http://host:port");
    }
    return new HttpProxy(url.host().text(), url.port());
  }

  HttpUrl url() {
    return HttpUrl.parse(toString());
  }

  @Override
  public String toString() {
    return "http://" + host + ":" + port;
  }
}
