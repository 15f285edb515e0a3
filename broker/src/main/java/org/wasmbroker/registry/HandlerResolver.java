package org.wasmbroker.registry;

import org.wasmbroker.step.HandlerRef;

/** Finds the module for a step. Thread-safe. */
@FunctionalInterface
public interface HandlerResolver {
  Resolution resolve(HandlerRef handler);
}
