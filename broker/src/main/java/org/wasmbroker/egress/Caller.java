package org.wasmbroker.egress;

import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.Step;

/**
 * The step and module on whose behalf requests are sent.
 *
 * @param module the module that runs the step
 */
public record Caller(Step step, ModuleId module) {
  String handler() {
    return module.handler();
  }
}
