package org.wasmbroker.grant;

import org.wasmbroker.step.WireName;

/** How far a rule of the policy is meant. */
public enum Mode {
  /** The rule grants. */
  ENFORCE,
  /** The rule grants on trial: what it alone allows is counted and logged each time. */
  AUDIT;

  /** The word for it in policies, logs and metrics. */
  public String text() {
    return WireName.of(this);
  }
}
