package org.wasmbroker.execution;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.step.WireName;
import org.wasmbroker.telemetry.StepTrace;

/** Tells the step's trace what a run tells its log. */
record TracedLog(GuestLog log, StepTrace trace) implements GuestLog {
  @Override
  public void line(Level level, String message, @Nullable String fields) {
    trace.logged(WireName.of(level), message);
    log.line(level, message, fields);
  }

  @Override
  public void instantiated() {
    trace.instantiated();
    log.instantiated();
  }

  @Override
  public GuestLog preparation() {
    return new TracedLog(log.preparation(), trace);
  }
}
