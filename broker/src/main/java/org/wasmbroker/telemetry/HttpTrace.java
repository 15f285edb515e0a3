package org.wasmbroker.telemetry;

import org.wasmbroker.step.TraceContext;

/** The trace of one request of a guest, used by the step's thread. */
public interface HttpTrace {
  /** Traces nothing. */
  HttpTrace NONE = new NoHttpTrace();

  /**
   * What the request carries.
   *
   * @param step the context of the step, which it carries if it is not traced
   */
  TraceContext context(TraceContext step);

  /** The head of a response arrived. */
  void answered(int status);

  /**
   * The exchange has ended; later calls do nothing.
   *
   * @param failureType the type of the failure, empty if there was none
   */
  void ended(String failureType, long sentBytes, long receivedBytes);

  /** Traces nothing. */
  record NoHttpTrace() implements HttpTrace {
    @Override
    public TraceContext context(TraceContext step) {
      return step;
    }

    @Override
    public void answered(int status) {}

    @Override
    public void ended(String failureType, long sentBytes, long receivedBytes) {}
  }
}
