package org.wasmbroker.grant;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.Access;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.GrantUsage;
import org.wasmbroker.step.StepError;

/**
 * One step's use of its grants: through all its runs, so that budgets hold for the step and a
 * secret that one run read does not leave with a later one. Used by the step's thread.
 */
public interface StepAccess extends AutoCloseable {
  /** What every run of the step reaches. */
  Access access();

  /** The error with which the step ends if what its guest wrote carries a secret, or null. */
  @Nullable StepError checkOutput(Document output);

  /** The same error, without the values of secrets. */
  StepError redact(StepError error);

  /** What was used so far. */
  GrantUsage usage();

  /** Lets go of connections and values. */
  @Override
  void close();
}
