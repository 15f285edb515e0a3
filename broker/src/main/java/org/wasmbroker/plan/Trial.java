package org.wasmbroker.plan;

import org.wasmbroker.step.Document;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.Outcome;

/**
 * Gives a configuration to its handler, on a step that has no data and reaches nothing: neither a
 * destination nor a secret, and with limits of its own. It is how a filter is parsed by what parses
 * filters.
 */
@FunctionalInterface
public interface Trial {
  /**
   * @param stepDocument with the configuration
   */
  Outcome run(HandlerRef handler, Document stepDocument);
}
