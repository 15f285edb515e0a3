package org.wasmbroker.intake;

import java.time.Duration;

/**
 * How the queue is read.
 *
 * @param pollInterval the maximum time between two polls of a queue that sends no notifications
 */
public record IntakeConfig(Duration pollInterval) {
  public static final IntakeConfig DEFAULTS = new IntakeConfig(Duration.ofSeconds(1));

  public IntakeConfig {
    if (pollInterval.toMillis() < 10 || pollInterval.toMinutes() > 1) {
      throw new IllegalArgumentException(
          "intake.poll-interval must be 10 ms to 1 min, was " + pollInterval.toMillis() + " ms");
    }
  }
}
