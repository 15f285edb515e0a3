package org.wasmbroker.app;

import java.util.Map;

/**
 * Bounds of the JDK's HTTP server, which takes them as system properties when its first server is
 * made. What the operator set on the command line stays.
 */
final class HttpLimits {
  /** Connections that wait to be accepted. */
  static final int BACKLOG = 32;

  private static final Map<String, String> PROPERTIES =
      Map.of(
          "jdk.httpserver.maxConnections", "64",
          "sun.net.httpserver.maxReqHeaders", "50",
          "sun.net.httpserver.maxReqHeaderSize", "16384",
          "sun.net.httpserver.drainAmount", "16384",
          // seconds from the first byte of a request to its last, and of an answer likewise
          "sun.net.httpserver.maxReqTime", "5",
          "sun.net.httpserver.maxRspTime", "20",
          // a small answer does not wait for more to send
          "sun.net.httpserver.nodelay", "true");

  private HttpLimits() {}

  static void apply() {
    PROPERTIES.forEach(
        (name, value) -> {
          if (System.getProperty(name) == null) {
            System.setProperty(name, value);
          }
        });
  }
}
