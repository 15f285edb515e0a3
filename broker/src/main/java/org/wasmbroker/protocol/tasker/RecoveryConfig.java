package org.wasmbroker.protocol.tasker;

import java.time.Duration;

/**
 * How the steps of dead workers are recovered; it takes at most {@code deadAfter + heartbeat}.
 *
 * @param heartbeat the interval at which a worker reports that it is alive, and looks for dead ones
 * @param deadAfter how long a worker may be silent before it counts as dead
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
