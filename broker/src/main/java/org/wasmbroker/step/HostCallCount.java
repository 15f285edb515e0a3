package org.wasmbroker.step;

/**
 * How often a guest called one host function in one run.
 *
 * @param function the function's name, such as {@code read_input}
 * @param allowed calls that did what was asked
 * @param denied calls that no grant covers
 * @param failed calls answered with any other error
 */
public record HostCallCount(String function, long allowed, long denied, long failed) {
  public long total() {
    return allowed + denied + failed;
  }
}
