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

  /**
   * No module matches; the message names the available ones.
   *
   * @param mayAppear whether a source could not be asked, so that another attempt may find one
   */
  record Unknown(String message, boolean mayAppear) implements Resolution {
    public Unknown(String message) {
      this(message, false);
    }
  }

  /** The matching module cannot be used; the message says why. */
  record Refused(Reason reason, String message) implements Resolution {
    /** A module that does not work. */
    public Refused(String message) {
      this(Reason.UNUSABLE, message);
    }
  }

  /** Why a module is refused. */
  enum Reason {
    /** It does not work: not what a later attempt would change. */
    UNUSABLE,
    /** A signature that the policy demands is missing or wrong. */
    UNTRUSTED,
    /** A person has to approve it first. */
    AWAITING_APPROVAL
  }
}
