package org.wasmbroker.protocol.tasker.template;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.StepError;

/** What Tasker's orchestrator would misread in a result, or silently ignore. */
public final class ResultRules {
  private ResultRules() {}

  /** Why the step has to fail although its handler wrote a result; null when it has not. */
  public static @Nullable StepError problem(
      TaskTemplate template, StepDefinition step, Document result) {
    return null;
  }
}
