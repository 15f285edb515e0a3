package org.wasmbroker.protocol.tasker.template;

import org.wasmbroker.step.WireName;

/** What the orchestrator makes of a step and of its result. */
public enum StepType {
  /** Its result is data for the steps that depend on it, and nothing else. */
  STANDARD,
  /** Its result names the steps that are to be created. */
  DECISION,
  /** Waits for those of its dependencies that were created, whichever they are. */
  DEFERRED_CONVERGENCE,
  /** Its result says how many batch workers are to be created, with a cursor each. */
  BATCHABLE,
  /** The pattern of the batch workers; never a step itself. */
  BATCH_WORKER;

  /** The type as templates write it, such as {@code batch_worker}. */
  public String wireName() {
    return WireName.of(this);
  }
}
