package org.wasmbroker.registry;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.RoutingFacts;

/**
 * Finds the module for a step: first the reference by which to look it up, which depends on the
 * step, then the module. Thread-safe.
 */
@FunctionalInterface
public interface HandlerResolver {
  /**
   * The reference by which this step's module is looked up: exact where an earlier attempt, a
   * channel or a rollout decides, else the step's own. Does not block, and allocates nothing.
   */
  default HandlerRef route(HandlerRef handler, RoutingFacts step) {
    return handler;
  }

  /**
   * Finds the module of a routed reference, loading it if necessary, which may take as long as
   * compiling it does.
   *
   * @throws org.wasmbroker.sandbox.EngineUnavailableException if it could not be compiled for a
   *     reason other than the module; the next attempt may succeed
   */
  Resolution resolve(HandlerRef routed);

  /** The resolution if nothing has to be loaded for it, else null. Does not block. */
  default @Nullable Resolution cached(HandlerRef routed) {
    return null;
  }

  /**
   * What an earlier resolution has become: the same module or another one, under the policy in
   * force. Does not block.
   */
  default Resolution current(HandlerRef routed) {
    return resolve(routed);
  }
}
