package org.wasmbroker.rollout;

import java.time.Duration;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import org.wasmbroker.step.WireName;

/**
 * When a candidate is rolled back: its share of bad ends exceeds that of the stable version by more
 * than the threshold, in the window, after at least so many of its runs.
 *
 * @param on the kinds of bad ends that count; none switches the rollback off
 */
public record RollbackRule(Percent threshold, Duration window, int minSteps, Set<BadEnd> on) {
  static final Duration MIN_WINDOW = Duration.ofSeconds(10);
  static final Duration MAX_WINDOW = Duration.ofDays(1);
  static final int MAX_MIN_STEPS = 1_000_000;

  public static final RollbackRule DEFAULTS =
      new RollbackRule(new Percent(5_00), Duration.ofMinutes(5), 100, EnumSet.allOf(BadEnd.class));

  public RollbackRule {
    on =
        Collections.unmodifiableSet(
            on.isEmpty() ? EnumSet.noneOf(BadEnd.class) : EnumSet.copyOf(on));
    if (window.compareTo(MIN_WINDOW) < 0 || window.compareTo(MAX_WINDOW) > 0) {
      throw new IllegalArgumentException("window must be 10s to 1d, was " + window);
    }
    if (minSteps < 1 || minSteps > MAX_MIN_STEPS) {
      throw new IllegalArgumentException(
          "min-steps must be 1 to %d, was %d".formatted(MAX_MIN_STEPS, minSteps));
    }
  }

  /** Whether the candidate has to go. */
  boolean isExceeded(RunCounts candidate, RunCounts stable) {
    if (on.isEmpty() || candidate.runs() < minSteps) {
      return false;
    }
    // The shares in 1/10,000, compared without rounding: bad/runs - bad/runs > threshold.
    double more = share(candidate) - share(stable);
    return more > threshold.hundredths() / (double) Percent.WHOLE;
  }

  private double share(RunCounts counts) {
    return counts.runs() == 0 ? 0 : (double) counts.bad(on) / counts.runs();
  }

  /** Such as {@code more than 5% above stable in 5 min, of at least 100 steps: traps, limits}. */
  public String describe() {
    return on.isEmpty()
        ? "never"
        : "%s above stable in %s, at least %d steps, on %s"
            .formatted(
                threshold,
                text(window),
                minSteps,
                String.join(", ", on.stream().map(WireName::hyphenated).toList()));
  }

  private static String text(Duration duration) {
    return duration.toSeconds() % 60 == 0 ? duration.toMinutes() + "m" : duration.toSeconds() + "s";
  }
}
