package org.wasmbroker.registry;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.grant.Grants;
import org.wasmbroker.sandbox.CompiledModule;
import org.wasmbroker.schema.JsonSchema;
import org.wasmbroker.step.ModuleId;

/** The result of resolving a handler reference. */
public sealed interface Resolution {
  /**
   * The module that serves it, with the grants that manifest and policy have in common.
   *
   * @param output the schema of its results, or null
   */
  record Resolved(ModuleId id, CompiledModule module, Grants grants, @Nullable JsonSchema output)
      implements Resolution {}

  /** No module matches; the message names the available ones. */
  record Unknown(String message) implements Resolution {}

  /** The matching module cannot be used; the message says why. */
  record Refused(String message) implements Resolution {}
}
