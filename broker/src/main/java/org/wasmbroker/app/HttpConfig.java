package org.wasmbroker.app;

/**
 * Where health and metrics are served.
 *
 * @param host the address to listen on; the loopback address by default, since the endpoints have
 *     no authentication
 * @param port the port; 0 picks any free one
 */
public record HttpConfig(String host, int port) {
  public static final HttpConfig DEFAULTS = new HttpConfig("127.0.0.1", 9090);

  public HttpConfig {
    if (host.isBlank()) {
      throw new IllegalArgumentException("http.host must not be empty");
    }
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("http.port must be 0 to 65535, was " + port);
    }
  }
}
