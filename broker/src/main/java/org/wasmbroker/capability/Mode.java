package org.wasmbroker.capability;

import java.util.List;
import org.wasmbroker.document.Names;
import org.wasmbroker.step.WireName;

/** Whether a rule of the policy is in force or on trial. */
public enum Mode {
  /** The rule grants. */
  ENFORCE,
  /** The rule grants provisionally: what it alone allows is counted and logged each time. */
  AUDIT;

  /** Its name in policies, logs and metrics. */
  public String text() {
    return WireName.of(this);
  }

  /**
   * Parses the name.
   *
   * @throws IllegalArgumentException if it is not a mode; the message lists the modes
   */
  public static Mode parse(String text) {
    return switch (text) {
      case "enforce" -> ENFORCE;
      case "audit" -> AUDIT;
      default ->
          throw new IllegalArgumentException(Names.notOneOf(text, List.of("enforce", "audit")));
    };
  }
}
