package org.wasmbroker.rollout;

import static java.nio.charset.StandardCharsets.UTF_8;

/** Rollouts of tests, as text. */
final class RolloutTexts {
  private RolloutTexts() {}

  static Rollout rollout(String text) {
    return switch (RolloutReader.read("", text.getBytes(UTF_8))) {
      case RolloutReadResult.Valid(var rollout) -> rollout;
      case RolloutReadResult.Invalid(var problems) -> throw new AssertionError(problems);
    };
  }

  /** A candidate 1.1.0 of handler h beside 1.0.0, compared in a minute after 20 runs. */
  static Rollout candidate(String weight) {
    return rollout(
        """
        handlers:
          h:
            stable: 1.0.0
            candidate: 1.1.0
            weight: %s
            rollback: {window: 1m, min-steps: 20}
        """
            .formatted(weight));
  }
}
