package org.wasmbroker.grant;

import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.Step;

/** Opens what a step may reach. Thread-safe. */
@FunctionalInterface
public interface StepAccessFactory {
  /** For brokers without destinations and secrets. */
  StepAccessFactory BASIC = (step, module, grants) -> new BasicAccess(grants);

  /**
   * Opens what the step may reach when that module runs it.
   *
   * @return to be closed when the last run of the step has ended
   */
  StepAccess open(Step step, ModuleId module, Grants grants);
}
