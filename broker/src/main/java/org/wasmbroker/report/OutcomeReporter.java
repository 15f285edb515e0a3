package org.wasmbroker.report;

import java.time.Duration;
import java.util.List;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Step;
import org.wasmbroker.telemetry.ReportEvent.Reason;

/** Accepts the outcomes of steps without waiting for the database. Thread-safe. */
public interface OutcomeReporter {
  /** How many more outcomes it can take; zero or less stops claiming. */
  int capacity();

  /** Accepts an outcome, which is written soon. */
  void report(Outcome outcome);

  /** Accepts steps that end without an outcome; they are made available again soon. */
  void release(List<Step> steps, Reason reason);

  /**
   * Waits until everything is written.
   *
   * @return false when the budget elapsed first; the rest is still tried
   */
  boolean flush(Duration budget);

  /** The steps whose outcomes are not written yet; their leases must be kept. */
  List<Step> pending();
}
