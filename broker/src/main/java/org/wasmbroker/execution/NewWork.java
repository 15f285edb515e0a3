package org.wasmbroker.execution;

import java.util.function.Predicate;

/**
 * The work that one result may ask for.
 *
 * @param most how many new steps or batches
 * @param grantsSteps whether it may ask for new steps of the broker at all
 * @param mayEnqueue whether new steps may be those of a handler, by its name
 */
public record NewWork(int most, boolean grantsSteps, Predicate<String> mayEnqueue) {
  /** Steps and batches that an orchestrator creates, but no new steps of the broker. */
  public static NewWork batches(int most) {
    return new NewWork(most, false, _ -> false);
  }
}
