package org.wasmbroker.step;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where a step comes from, as far as a rollout may ask.
 *
 * @param namespace of its task's template, or null
 * @param task the name of its task's template, or null
 * @param headers of its message that are not the broker's own, by name in lower case
 */
public record StepOrigin(
    @Nullable String namespace, @Nullable String task, Map<String, String> headers) {
  public static final StepOrigin NONE = new StepOrigin(null, null, Map.of());

  public StepOrigin {
    headers = Map.copyOf(headers);
  }
}
