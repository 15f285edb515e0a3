package org.wasmbroker.telemetry;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Step;

/**
 * Follows steps through the broker: the port through which the stages tell where one begins and
 * ends. A step carries its context in {@link Step#trace()}, from the claim to its outcome.
 *
 * <p>Nothing here waits, throws, or costs more than a call while it is {@link #OFF}. Thread-safe.
 */
public interface Tracing {
  /** Traces nothing, as the methods do by default: steps keep the context that came with them. */
  Tracing OFF = new Tracing() {};

  /** Whether anything is traced; what is only computed for a trace need not be without it. */
  default boolean isOn() {
    return false;
  }

  /**
   * A claim brought steps.
   *
   * @param from when it was sent
   * @return the same steps, which know the claim
   */
  default List<Step> received(List<Step> steps, Instant from) {
    return steps;
  }

  /**
   * A run of a step begins on the calling thread, which ends it: {@link StepTrace#end}.
   *
   * @param queueWait since the step became available
   */
  default StepTrace begin(Step step, Duration queueWait) {
    return StepTrace.NONE;
  }

  /**
   * A guest's request, or a redirect that it follows, is about to be sent by the calling thread.
   *
   * @param step for which it is sent
   */
  default HttpTrace http(Step step, HttpExchange exchange) {
    return HttpTrace.NONE;
  }

  /**
   * The outcome of a step was written.
   *
   * @param waited since it was reported
   * @param batch how many outcomes were written with it, with it
   * @param late whether another claim owned the step by then, so that nothing was written
   */
  default void settled(Outcome outcome, Duration waited, int batch, boolean late) {}

  /**
   * A request as a trace tells of it.
   *
   * @param url without user, query values and fragment, and with placeholders instead of secrets
   * @param rule of the policy that grants it
   * @param redirects that led here
   */
  record HttpExchange(
      String method,
      String scheme,
      String host,
      int port,
      String url,
      String rule,
      int redirects) {}
}
