package org.wasmbroker.bench.compare;

import java.util.Collection;

/** Medians. */
final class Medians {
  private Medians() {}

  /** The median of at least one value; of an even number the mean of the two in the middle. */
  static double of(Collection<Double> values) {
    var sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
