package org.wasmbroker.telemetry;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Receipt;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.TraceContext;

/**
 * The trace of one run of a step, used by the thread that runs it. Begins with the search for the
 * module; a part that was not ended ends with what encloses it.
 */
public interface StepTrace {
  /** Traces nothing. */
  StepTrace NONE = new NoStepTrace(null);

  /** The step with the context of this run, which goes into its result and its requests. */
  Step of(Step step);

  /**
   * The search for the module has ended.
   *
   * @param module what was found, or null
   */
  void resolved(@Nullable ModuleId module);

  /** A guest is about to be instantiated; more than once for a step with checkpoints. */
  void runStarts();

  /** The guest's instance is ready; what follows is its execution. */
  void instantiated();

  /**
   * The guest wrote a line.
   *
   * @param message without secrets and control characters
   */
  void logged(String level, String message);

  /** The guest's run has ended, with what it used. */
  void runEnds(Receipt receipt);

  /**
   * The run of the step has ended.
   *
   * @param outcome or null if it has none: it was stopped, or its claim was lost
   */
  void end(@Nullable Outcome outcome);

  /**
   * Traces nothing.
   *
   * @param context what the step passes on all the same, or null to leave what it has
   */
  record NoStepTrace(@Nullable TraceContext context) implements StepTrace {
    @Override
    public Step of(Step step) {
      return context == null ? step : step.withTrace(context);
    }

    @Override
    public void resolved(@Nullable ModuleId module) {}

    @Override
    public void runStarts() {}

    @Override
    public void instantiated() {}

    @Override
    public void logged(String level, String message) {}

    @Override
    public void runEnds(Receipt receipt) {}

    @Override
    public void end(@Nullable Outcome outcome) {}
  }
}
