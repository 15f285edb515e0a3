package org.wasmbroker.capability;

import org.wasmbroker.sandbox.GuestCapability;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.Step;

/** The step that a capability is opened for. */
public interface StepContext {
  Step step();

  ModuleId module();

  Limits limits();

  /** Another capability of the step, opened if it is not yet, even where no function needs it. */
  <T extends GuestCapability> T open(Capability<?, ?, ?> other, Class<T> type);
}
