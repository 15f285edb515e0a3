package org.wasmbroker.conformance;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a module did in a case.
 *
 * @param name of the case
 * @param problems what was not as it should be, a sentence each
 * @param reason why it is not supported, as the guest or the kit says; null if it is
 * @param instantiation the median of the last attempts of all runs
 * @param execution the median of the last attempts of all runs
 * @param memoryBytes the largest size of the guest's memory in any of them
 */
public record CaseOutcome(
    String name,
    Verdict verdict,
    List<String> problems,
    @Nullable String reason,
    Duration instantiation,
    Duration execution,
    long memoryBytes) {

  /** What came of a case. */
  public enum Verdict {
    PASSED,
    FAILED,
    /** The guest says so itself, by an error of the type {@code unsupported}, or its kind does. */
    UNSUPPORTED
  }

  public CaseOutcome {
    problems = List.copyOf(problems);
  }
}
