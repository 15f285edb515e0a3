package org.wasmbroker.app;

import java.util.concurrent.Callable;

/**
 * Something that must work for the broker to process steps.
 *
 * @param name such as {@code database}
 * @param probe checks it now; may take long, or throw, which counts as failing
 */
public record HealthCheck(String name, Callable<Result> probe) {
  /** How well something works. */
  public enum State {
    OK,
    /** It works, but needs attention. */
    DEGRADED,
    FAILING
  }

  /**
   * The result of a probe.
   *
   * @param detail for people; never contains a secret, since the endpoint has no authentication
   */
  public record Result(State state, String detail) {
    public static Result ok(String detail) {
      return new Result(State.OK, detail);
    }

    public static Result degraded(String detail) {
      return new Result(State.DEGRADED, detail);
    }

    public static Result failing(String detail) {
      return new Result(State.FAILING, detail);
    }

    /** Whether it works. */
    public boolean ok() {
      return state != State.FAILING;
    }
  }
}
