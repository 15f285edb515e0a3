package org.wasmbroker.report;

import java.util.List;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Step;

/** Takes what became of steps, at once and without waiting for the database. Thread-safe. */
public interface OutcomeReporter {
  /** How many more outcomes it has place for; zero or less stops the claiming of steps. */
  int capacity();

  /** Takes an outcome over; it is written soon. */
  void report(Outcome outcome);

  /** Takes steps over that end without an outcome; they are made ready again soon. */
  void release(List<Step> steps, String reason);

  /** The steps whose outcomes are not written yet; their leases still count. */
  List<Step> pending();
}
