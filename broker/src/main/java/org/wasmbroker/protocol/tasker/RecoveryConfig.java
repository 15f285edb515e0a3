package org.wasmbroker.protocol.tasker;

import java.time.Duration;

/**
 * How steps of dead workers are found. Recovery takes at most {@code deadAfter + heartbeat}.
 *
 * @param heartbeat how often a worker says that it lives, and looks for dead ones
 * @param deadAfter a worker that has said nothing for so long is dead
 */
public record RecoveryConfig(Duration heartbeat, Duration deadAfter) {
  public static final RecoveryConfig DEFAULTS =
      new RecoveryConfig(Duration.ofSeconds(5), Duration.ofSeconds(30));

  public RecoveryConfig {
    if (heartbeat.toMillis() < 100 || heartbeat.compareTo(Duration.ofMinutes(5)) > 0) {
      throw new IllegalArgumentException(
          "tasker.recovery.heartbeat must be 100 ms to 5 min, was " + heartbeat.toMillis() + " ms");
    }
    if (deadAfter.compareTo(heartbeat.multipliedBy(3)) < 0) {
      throw new IllegalArgumentException(
          "tasker.recovery.dead-after must be at least three heartbeats, %d ms, was %d ms"
              .formatted(heartbeat.multipliedBy(3).toMillis(), deadAfter.toMillis()));
    }
  }
}
