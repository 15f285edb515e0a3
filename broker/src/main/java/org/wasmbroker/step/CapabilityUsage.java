package org.wasmbroker.step;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * What one step used of a capability.
 *
 * @param capability its name, such as {@code http}
 * @param counts by name, such as {@code calls}, in the order of the receipt
 */
public record CapabilityUsage(String capability, SequencedMap<String, Long> counts) {
  public CapabilityUsage {
    counts = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(counts));
  }
}
