package org.wasmbroker.bench.compare;

import org.jspecify.annotations.Nullable;

/**
 * One measured quantity.
 *
 * @param name unique in its part, such as {@code noop-processor}
 * @param unit of its values, such as {@code µs/step}
 * @param meaning what is measured, in a few words
 * @param wanted null for a figure that only explains others
 */
record Figure(String name, String unit, String meaning, @Nullable Wanted wanted) {
  static Figure of(String name, String unit, String meaning) {
    return new Figure(name, unit, meaning, null);
  }

  Figure ratioAtMost(double limit) {
    return new Figure(name, unit, meaning, new Wanted(true, true, limit));
  }

  Figure ratioAtLeast(double limit) {
    return new Figure(name, unit, meaning, new Wanted(true, false, limit));
  }

  Figure atLeast(double limit) {
    return new Figure(name, unit, meaning, new Wanted(false, false, limit));
  }

  Figure atMost(double limit) {
    return new Figure(name, unit, meaning, new Wanted(false, true, limit));
  }
}
