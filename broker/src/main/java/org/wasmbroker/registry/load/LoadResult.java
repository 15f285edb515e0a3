package org.wasmbroker.registry.load;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.registry.compiled.Lease;
import org.wasmbroker.registry.release.Evidence;
import org.wasmbroker.registry.release.Manifest;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.ModuleId;

/** The result of loading one version of a handler. */
public sealed interface LoadResult {
  /**
   * @param compiledFor the limits that its machine code depends on
   * @param evidence what the trust in it was decided by
   */
  record Usable(Manifest manifest, ModuleId id, Lease lease, Limits compiledFor, Evidence evidence)
      implements LoadResult {}

  /**
   * @param problem for people, with the name of the module
   * @param digest the module's, if it could be read
   */
  record Broken(Fault fault, String problem, @Nullable Digest digest) implements LoadResult {
    /** Whether another attempt, without any change of the module, may have another result. */
    public boolean mayPass() {
      return fault == Fault.ENVIRONMENT;
    }
  }

  /** What is at fault. */
  enum Fault {
    /** The module. */
    MODULE,
    /** What it was fetched from or compiled with, which may work again later. */
    ENVIRONMENT,
    /** A signature that is demanded is missing or wrong. */
    TRUST,
    /** A person has to approve it first. */
    APPROVAL
  }

  /** The module's digest, if it is known. */
  default @Nullable Digest digestIfKnown() {
    return switch (this) {
      case Usable usable -> usable.id().digest();
      case Broken broken -> broken.digest();
    };
  }
}
