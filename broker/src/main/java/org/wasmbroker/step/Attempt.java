package org.wasmbroker.step;

/** Which attempt at a step this is, counted from 1, and how many there may be. */
public record Attempt(int number, int max) {
  public Attempt {
    if (number < 1 || max < 1) {
      throw new IllegalArgumentException("attempt " + number + " of " + max + " is not valid");
    }
  }

  /** Whether no attempt is left after this one. */
  public boolean isLast() {
    return number >= max;
  }
}
