package org.wasmbroker.bench.compare;

import java.util.Map;
import java.util.TreeMap;

/**
 * What one build gave in one round: a value for each figure, or none if it cannot be measured
 * there.
 */
final class Samples {
  private final Map<String, Double> values = new TreeMap<>();

  void add(String figure, double value) {
    if (values.put(figure, value) != null) {
      throw new IllegalStateException(figure + " was measured twice in one round");
    }
  }

  Map<String, Double> values() {
    return values;
  }
}
