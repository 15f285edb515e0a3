package org.wasmbroker.bench.compare;

import java.util.Locale;

/**
 * What is wanted of a figure.
 *
 * @param ofRatio whether the limit is one of today's value to that of then, or of today's value
 * @param atMost whether the limit is an upper one
 */
record Wanted(boolean ofRatio, boolean atMost, double limit) {
  boolean isReached(double today, double ratio) {
    double value = ofRatio ? ratio : today;
    return atMost ? value <= limit : value >= limit;
  }

  @Override
  public String toString() {
    return (ofRatio ? "ratio " : "today ") + (atMost ? "≤ " : "≥ ") + number(limit);
  }

  private static String number(double value) {
    return value == Math.rint(value)
        ? String.format(Locale.ROOT, "%,d", (long) value)
        : Double.toString(value);
  }
}
