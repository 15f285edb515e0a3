package org.wasmbroker.app;

import java.time.Duration;

/**
 * Where health and metrics are served.
 *
 * @param host the address to listen on; the loopback address by default, since the endpoints have
 *     no authentication
 * @param port the port; 0 picks any free one
 * @param queueInterval how often queues and their tables are measured; zero for never
 */
public record HttpConfig(String host, int port, Duration queueInterval) {
  private static final Duration DEFAULT_QUEUE_INTERVAL = Duration.ofSeconds(15);
  private static final Duration MIN_QUEUE_INTERVAL = Duration.ofSeconds(1);
  private static final Duration MAX_QUEUE_INTERVAL = Duration.ofHours(1);

  public static final HttpConfig DEFAULTS = new HttpConfig("127.0.0.1", 9090);

  public HttpConfig {
    if (host.isBlank()) {
      throw new IllegalArgumentException("http.host must not be empty");
    }
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("http.port must be 0 to 65535, was " + port);
    }
    if (!queueInterval.isZero()
        && (queueInterval.compareTo(MIN_QUEUE_INTERVAL) < 0
            || queueInterval.compareTo(MAX_QUEUE_INTERVAL) > 0)) {
      throw new IllegalArgumentException(
          "metrics.queue-interval must be 0, or 1 s to 1 h, was " + queueInterval);
    }
  }

  /** With queues measured as often as by default. */
  public HttpConfig(String host, int port) {
    this(host, port, DEFAULT_QUEUE_INTERVAL);
  }
}
