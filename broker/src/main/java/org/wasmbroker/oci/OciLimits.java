package org.wasmbroker.oci;

import java.time.Duration;

/**
 * How long a request may take, and how often it is sent. No settings: a registry that needs more is
 * as good as down.
 *
 * @param connect the time to connect to one address
 * @param silence the time without a byte
 * @param exchange the time for one request and its response, other than a blob's
 * @param transfer the time for one blob
 * @param attempts of one request, before it has failed
 */
public record OciLimits(
    Duration connect, Duration silence, Duration exchange, Duration transfer, int attempts) {
  public static final OciLimits DEFAULTS =
      new OciLimits(
          Duration.ofSeconds(5),
          Duration.ofSeconds(30),
          Duration.ofSeconds(60),
          Duration.ofMinutes(5),
          4);

  public OciLimits {
    if (attempts < 1) {
      throw new IllegalArgumentException("attempts must be 1 or more, was " + attempts);
    }
  }

  public OciLimits withAttempts(int number) {
    return new OciLimits(connect, silence, exchange, transfer, number);
  }

  /** Each of the times at most this long. */
  public OciLimits within(Duration time) {
    return new OciLimits(
        min(connect, time), min(silence, time), min(exchange, time), min(transfer, time), attempts);
  }

  private static Duration min(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}
