package org.wasmbroker.step;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a step was granted, and what it used of it.
 *
 * @param grants what was effective for the step's module, a JSON object; null where nothing ran
 * @param used the capabilities of which something was used
 */
public record GrantUsage(@Nullable Document grants, List<CapabilityUsage> used) {
  /** Nothing was granted whose use is counted. */
  public static final GrantUsage NONE = new GrantUsage(null, List.of());

  public GrantUsage {
    used = List.copyOf(used);
  }
}
