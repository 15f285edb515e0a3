package org.wasmbroker.registry;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.HandlerRef;

/** Finds the module for a step. Thread-safe. */
@FunctionalInterface
public interface HandlerResolver {
  Resolution resolve(HandlerRef handler);

  /** The answer if it was worked out before, and null if it has to be looked for. Quick. */
  default @Nullable Resolution cached(HandlerRef handler) {
    return null;
  }
}
