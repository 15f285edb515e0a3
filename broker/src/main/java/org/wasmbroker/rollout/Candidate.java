package org.wasmbroker.rollout;

import org.wasmbroker.step.Version;

/**
 * The version that a share of the steps gets.
 *
 * @param weight the share of those steps for which the condition holds
 */
public record Candidate(Version version, Percent weight, Condition when, RollbackRule rollback) {
  /** Which steps may get it, such as {@code namespace [acme]}; empty for all. */
  public String condition() {
    return when.describe();
  }
}
