package org.wasmbroker.egress;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.capability.Rate;

/**
 * How guests' requests are sent.
 *
 * @param proxy the HTTP proxy for all requests, or null for none
 * @param extraCa a PEM file of certificate authorities that are trusted in addition to the
 *     system's, or null
 * @param rate the rate of all requests together, or null for no limit
 * @param handlerRate the rate of each handler, or null for no limit
 * @param connections the maximum of open connections
 * @param connectionsPerHost the maximum of open connections to one address of one host
 * @param connectTimeout the time limit for connecting to one address
 * @param idleTimeout the time after which an idle connection is closed
 */
public record EgressConfig(
    @Nullable HttpProxy proxy,
    @Nullable Path extraCa,
    @Nullable Rate rate,
    @Nullable Rate handlerRate,
    int connections,
    int connectionsPerHost,
    Duration connectTimeout,
    Duration idleTimeout) {
  public static final EgressConfig DEFAULTS =
      new EgressConfig(
          null, null, null, null, 1024, 1024, Duration.ofSeconds(5), Duration.ofSeconds(30));

  private static final int MAX_CONNECTIONS = 10_000;

  public EgressConfig {
    requireInRange("egress.connections", connections);
    requireInRange("egress.connections-per-host", connectionsPerHost);
    requireInRange("egress.connect-timeout", connectTimeout);
    requireInRange("egress.idle-timeout", idleTimeout);
  }

  private static void requireInRange(String key, int connections) {
    if (connections < 1 || connections > MAX_CONNECTIONS) {
      throw new IllegalArgumentException(
          key + " must be 1 to " + MAX_CONNECTIONS + ", was " + connections);
    }
  }

  private static void requireInRange(String key, Duration time) {
    if (time.toMillis() < 1 || time.compareTo(Duration.ofMinutes(10)) > 0) {
      throw new IllegalArgumentException(
          key + " must be 1 ms to 10 min, was " + time.toMillis() + " ms");
    }
  }
}
