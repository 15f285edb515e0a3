package org.wasmbroker.app;

import java.util.Map;

/**
 * Limits of the JDK's HTTP server, which reads them from system properties when the first server is
 * created. Values that the operator set on the command line are kept.
 */
final class HttpLimits {
  /** Maximum number of connections waiting to be accepted. */
  static final int BACKLOG = 32;

  private static final Map<String, String> PROPERTIES =
      Map.of(
          "jdk.httpserver.maxConnections", "64",
          "sun.net.httpserver.maxReqHeaders", "50",
          "sun.net.httpserver.maxReqHeaderSize", "16384",
          "sun.net.httpserver.drainAmount", "16384",
          // seconds from the first to the last byte of a request, and of a response
          "sun.net.httpserver.maxReqTime", "5",
          "sun.net.httpserver.maxRspTime", "20",
          // send small responses immediately
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
