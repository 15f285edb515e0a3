package org.wasmbroker.registry;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.HandlerRef;

/** Finds the module for a step. Thread-safe. */
@FunctionalInterface
public interface HandlerResolver {
  /**
   * Finds the module, loading it if necessary, which may take as long as compiling it does.
   *
   * @throws org.wasmbroker.sandbox.EngineUnavailableException if it could not be compiled for a
   *     reason other than the module; the next attempt may succeed
   */
  Resolution resolve(HandlerRef handler);

  /** The resolution if nothing has to be loaded for it, else null. Does not block. */
  default @Nullable Resolution cached(HandlerRef handler) {
    return null;
  }

  /**
   * What an earlier resolution has become: the same module or another one, under the policy in
   * force. Does not block.
   */
  default Resolution current(HandlerRef handler) {
    return resolve(handler);
  }
}
