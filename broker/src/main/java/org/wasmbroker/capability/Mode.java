package org.wasmbroker.capability;

import java.util.List;
import org.wasmbroker.document.Names;
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

  /**
   * Reads the word.
   *
   * @throws IllegalArgumentException if it is not one of them; the message says so
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
