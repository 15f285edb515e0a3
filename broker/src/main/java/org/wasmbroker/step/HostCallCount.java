package org.wasmbroker.step;

import java.util.List;
import java.util.TreeMap;

/**
 * How often a guest called one host function in one run.
 *
 * @param function the function's name, such as {@code read_input}
 * @param allowed calls that succeeded
 * @param denied calls that no grant covers
 * @param failed calls that returned any other error
 */
public record HostCallCount(String function, long allowed, long denied, long failed) {
  /** The counts of two runs together, ordered by name. */
  static List<HostCallCount> sum(List<HostCallCount> first, List<HostCallCount> second) {
    if (first.isEmpty()) {
      return second;
    }
    var sums = new TreeMap<String, HostCallCount>();
    first.forEach(count -> sums.put(count.function, count));
    second.forEach(count -> sums.merge(count.function, count, HostCallCount::plus));
    return List.copyOf(sums.values());
  }

  private HostCallCount plus(HostCallCount more) {
    return new HostCallCount(
        function, allowed + more.allowed, denied + more.denied, failed + more.failed);
  }

  public long total() {
    return allowed + denied + failed;
  }
}
