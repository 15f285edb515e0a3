package org.wasmbroker.registry;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.grant.Grants;
import org.wasmbroker.sandbox.CompiledModule;
import org.wasmbroker.schema.JsonSchema;
import org.wasmbroker.step.ModuleId;

/** What became of a handler reference. */
public sealed interface Resolution {
  /**
   * The module that serves it, with what its manifest and the operator agree on.
   *
   * @param output what its results must be, or null
   */
  record Resolved(ModuleId id, CompiledModule module, Grants grants, @Nullable JsonSchema output)
      implements Resolution {}

  /** No module serves it; the message names what there is. */
  record Unknown(String message) implements Resolution {}

  /** A module would serve it and cannot be used; the message says why. */
  record Refused(String message) implements Resolution {}
}
