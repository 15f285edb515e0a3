package org.wasmbroker.dispatch;

import java.time.Duration;

/**
 * Finds out for how long no step has started although one could. It is asked at intervals and
 * compares what it sees with the last time, so that starting a step costs nothing. Not thread-safe.
 */
final class StallDetector {
  private long seenStarts = -1;
  private long since;

  /**
   * @param startable whether a step could start now
   * @param starts how many steps have started
   * @param now on the monotonic clock
   */
  Duration observe(boolean startable, long starts, long now) {
    if (!startable || starts != seenStarts) {
      seenStarts = starts;
      since = now;
    }
    return Duration.ofNanos(now - since);
  }
}
