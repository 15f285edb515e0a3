package org.wasmbroker.capability;

import org.wasmbroker.sandbox.GuestCapability;

/** Opens a capability for one step. Thread-safe. */
@FunctionalInterface
public interface Opener<G> {
  /** Opens it as it was granted; closed after the last run of the step. */
  GuestCapability open(G granted, StepContext context);
}
