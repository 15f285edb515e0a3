package org.wasmbroker.step;

/** Which attempt at a step this is, counted from 1, and how many there may be. */
public record Attempt(int number, int max) {
  public Attempt {
    if (number < 1 || max < 1) {
      throw new IllegalArgumentException("attempt " + number + " of " + max + " is not one");
    }
  }

  /** Whether a failure of this attempt leaves another one. */
  public boolean isLast() {
    return number >= max;
  }
}
