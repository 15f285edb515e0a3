package org.wasmbroker.rollout;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Where the rollout file is, and its content when the configuration was read.
 *
 * @param file null if there is none
 * @param reload the interval at which the file is checked for changes
 */
public record RolloutConfig(@Nullable Path file, Duration reload, Rollout initial) {
  public static final Duration DEFAULT_RELOAD = Duration.ofSeconds(2);

  /** No file: a plain reference means the newest release. */
  public static final RolloutConfig NONE = new RolloutConfig(null, DEFAULT_RELOAD, Rollout.NONE);

  public RolloutConfig {
    if (reload.toMillis() < 100 || reload.compareTo(Duration.ofHours(1)) > 0) {
      throw new IllegalArgumentException("rollout.reload must be 100 ms to 1 h, was " + reload);
    }
  }
}
