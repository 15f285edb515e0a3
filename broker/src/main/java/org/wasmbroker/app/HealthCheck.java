package org.wasmbroker.app;

import java.util.concurrent.Callable;

/**
 * One thing that must work for the broker to take steps.
 *
 * @param name such as {@code database}
 * @param probe looks at it now; may take long or throw, which counts as failing
 */
public record HealthCheck(String name, Callable<Result> probe) {
  /** How well it works. */
  public enum State {
    OK,
    /** It works, and somebody may want to look. */
    DEGRADED,
    FAILING
  }

  /**
   * What a look at it showed.
   *
   * @param detail a few words for people; never a secret, since anyone may read it
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
