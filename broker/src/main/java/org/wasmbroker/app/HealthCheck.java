package org.wasmbroker.app;

import java.util.concurrent.Callable;

/**
 * One thing that must work for the broker to take steps.
 *
 * @param name such as {@code database}
 * @param look looks at it now; may take long or throw, which counts as failing
 */
public record HealthCheck(String name, Callable<Finding> look) {
  /** How well it works. */
  public enum State {
    OK,
    /** It works, and somebody may want to look. */
    STRAINED,
    FAILING
  }

  /**
   * What a look at it showed.
   *
   * @param detail a few words for people; never a secret, since anyone may read it
   */
  public record Finding(State state, String detail) {
    public static Finding ok(String detail) {
      return new Finding(State.OK, detail);
    }

    public static Finding strained(String detail) {
      return new Finding(State.STRAINED, detail);
    }

    public static Finding failing(String detail) {
      return new Finding(State.FAILING, detail);
    }

    /** Whether it works. */
    public boolean ok() {
      return state != State.FAILING;
    }
  }
}
