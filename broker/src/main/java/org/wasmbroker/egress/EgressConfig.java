package org.wasmbroker.egress;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.grant.Rate;

/**
 * How the requests of guests leave.
 *
 * @param proxy an HTTP proxy that they all go through, or null for none
 * @param extraCa certificates of authorities that are trusted beside the system's (PEM), or null
 * @param rate all requests together, or null for no such rate
 * @param handlerRate those of one handler, or null for no such rate
 * @param connections open at once
 * @param connectionsPerHost open at once to one address of one host
 * @param connectTimeout for one address of a host
 * @param idleTimeout after which an unused connection is closed
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
          null, null, null, null, 256, 64, Duration.ofSeconds(5), Duration.ofSeconds(30));

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
