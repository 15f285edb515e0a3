package org.wasmbroker.egress;

import org.wasmbroker.url.HttpUrl;

/**
 * A proxy of the operator's, reached by plain HTTP and asked to CONNECT.
 *
 * @param host a name or an address, an IPv6 one in brackets
 */
public record HttpProxy(String host, int port) {
  /**
   * Reads {@code http://proxy.example.org:3128}.
   *
   * @throws IllegalArgumentException if it is no address of a proxy; the message says why
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
