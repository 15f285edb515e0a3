package org.wasmbroker.step;

import java.time.Duration;

/**
 * How long to wait before the next try: twice as long after each failure, up to a maximum, of which
 * a random half to all is taken, so that callers that failed together do not retry together.
 */
public record Backoff(Duration base, Duration max) {
  public Backoff {
    if (base.toMillis() < 1 || max.compareTo(base) < 0) {
      throw new IllegalArgumentException(
          "a backoff starts at 1 ms or more and grows, was " + base + " to " + max);
    }
  }

  /**
   * @param failures how many consecutive ones there were, 1 or more
   * @param random from 0 up to 1
   */
  public Duration delay(int failures, double random) {
    double doubled = (double) base.toNanos() * Math.pow(2, Math.max(0, failures - 1));
    double capped = Math.min(doubled, (double) max.toNanos());
    return Duration.ofNanos((long) (capped * (0.5 + random / 2)));
  }
}
