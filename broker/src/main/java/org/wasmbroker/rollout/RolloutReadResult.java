package org.wasmbroker.rollout;

import java.util.List;
import org.wasmbroker.document.Problem;

/** The result of reading a rollout file. */
public sealed interface RolloutReadResult {
  record Valid(Rollout rollout) implements RolloutReadResult {}

  record Invalid(List<Problem> problems) implements RolloutReadResult {}
}
