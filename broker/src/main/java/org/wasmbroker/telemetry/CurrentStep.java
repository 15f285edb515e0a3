package org.wasmbroker.telemetry;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.Step;

/**
 * The step that a thread works for, so that every line that it logs meanwhile can tell of it. Holds
 * the step itself: naming it costs nothing until a line is written.
 */
public final class CurrentStep {
  private static final ThreadLocal<@Nullable Step> CURRENT = new ThreadLocal<>();

  private CurrentStep() {}

  /** The calling thread works for this step until it calls {@link #leave}. */
  public static void enter(Step step) {
    CURRENT.set(step);
  }

  public static void leave() {
    CURRENT.set(null); // not removed: the next step would have to make a new entry
  }

  /** The step that the calling thread works for, or null. */
  public static @Nullable Step get() {
    return CURRENT.get();
  }
}
