package org.wasmbroker.grant;

/**
 * One thing that is wrong with a policy.
 *
 * @param line where, from 1; 0 where no line can be named
 * @param place such as {@code handlers[1].http[0].url}, or empty
 * @param message what is wrong, and what is allowed
 */
public record PolicyProblem(int line, String place, String message) {
  @Override
  public String toString() {
    return (line == 0 ? "" : "line " + line + ": ")
        + (place.isEmpty() ? "" : place + ": ")
        + message;
  }
}
