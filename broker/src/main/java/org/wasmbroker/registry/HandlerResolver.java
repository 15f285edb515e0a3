package org.wasmbroker.registry;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.HandlerRef;

/** Finds the module for a step. Thread-safe. */
@FunctionalInterface
public interface HandlerResolver {
  Resolution resolve(HandlerRef handler);

  /** The resolution if it is cached, else null. Does not block. */
  default @Nullable Resolution cached(HandlerRef handler) {
    return null;
  }
}
