package org.wasmbroker.execution;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.registry.Resolution.Resolved;
import org.wasmbroker.sandbox.Access;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Step;

/**
 * Decides which steps are recorded. Called on guest threads; thread-safe. Neither it nor what it
 * opens throws anything: a step does not depend on its recording.
 */
@FunctionalInterface
public interface StepRecorder {
  /** Records nothing. */
  StepRecorder NONE = (step, handler, access) -> null;

  /**
   * Begins the recording of a step whose module was found, before its first run.
   *
   * @param access what the step's guests can use
   * @return null if the step is not recorded
   */
  @Nullable StepRecording open(Step step, Resolved handler, Access access);

  /**
   * Sees everything that passes between a step and its host. Used by the step's thread, until it is
   * ended; one of a step without an outcome is dropped.
   */
  interface StepRecording {
    /** What the step's guests use in place of what they were given. */
    Access access();

    /** The rules that the step follows. */
    StepRules rules(StepRules rules);

    /** Where the step's guests log to. */
    Function<Step, GuestLog> logs(Function<Step, GuestLog> logs);

    /**
     * Ends the recording, while the step's secrets are still known.
     *
     * @return the same outcome, whose receipt may name the recording
     */
    Outcome end(Outcome outcome);
  }
}
