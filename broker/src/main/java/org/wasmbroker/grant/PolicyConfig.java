package org.wasmbroker.grant;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.Limits;

/**
 * Where the policy is, and its content when the configuration was read.
 *
 * @param file null if there is none
 * @param reload the interval at which the file is checked for changes
 */
public record PolicyConfig(@Nullable Path file, Duration reload, Policy initial) {
  public static final Duration DEFAULT_RELOAD = Duration.ofSeconds(2);

  public PolicyConfig {
    if (reload.toMillis() < 100 || reload.compareTo(Duration.ofHours(1)) > 0) {
      throw new IllegalArgumentException("policy.reload must be 100 ms to 1 h, was " + reload);
    }
  }

  /** No file. */
  public static PolicyConfig none(Limits limits) {
    return new PolicyConfig(null, DEFAULT_RELOAD, Policy.none(limits));
  }
}
