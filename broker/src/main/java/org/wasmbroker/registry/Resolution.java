package org.wasmbroker.registry;

import org.wasmbroker.grant.Grants;
import org.wasmbroker.sandbox.CompiledModule;
import org.wasmbroker.step.ModuleId;

/** What became of a handler reference. */
public sealed interface Resolution {
  /** The module that serves it, with what its manifest and the operator agree on. */
  record Resolved(ModuleId id, CompiledModule module, Grants grants) implements Resolution {}

  /** No module serves it; the message names what there is. */
  record Unknown(String message) implements Resolution {}

  /** A module would serve it and cannot be used; the message says why. */
  record Refused(String message) implements Resolution {}
}
