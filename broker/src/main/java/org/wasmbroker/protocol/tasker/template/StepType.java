package org.wasmbroker.protocol.tasker.template;

import org.wasmbroker.step.WireName;

/** How the orchestrator treats a step and its result. */
public enum StepType {
  /** Its result is only data for the steps that depend on it. */
  STANDARD,
  /** Its result names the steps to create. */
  DECISION,
  /** Waits for those of its dependencies that were created. */
  DEFERRED_CONVERGENCE,
  /** Its result says how many batch workers to create, with a cursor each. */
  BATCHABLE,
  /** The pattern for batch workers; never a step itself. */
  BATCH_WORKER;

  /** The type as templates write it, such as {@code batch_worker}. */
  public String wireName() {
    return WireName.of(this);
  }
}
