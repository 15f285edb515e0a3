package org.wasmbroker.sandbox.host;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.wasmbroker.step.HostCallCount;

/** How often one run called each host function, by the function's place in the catalogue. */
final class CallCounts {
  private static final int[] INDEXES_BY_NAME =
      IntStream.range(0, HostFunctions.all().size())
          .boxed()
          .sorted(Comparator.comparing(index -> HostFunctions.all().get(index).name()))
          .mapToInt(Integer::intValue)
          .toArray();

  private final int[] allowed = new int[INDEXES_BY_NAME.length];
  private final int[] denied = new int[INDEXES_BY_NAME.length];
  private final int[] failed = new int[INDEXES_BY_NAME.length];

  void add(int function, Verdict verdict) {
    switch (verdict) {
      case ALLOWED -> allowed[function]++;
      case DENIED -> denied[function]++;
      case FAILED -> failed[function]++;
    }
  }

  /** The functions that were called, in order of name. */
  List<HostCallCount> toList() {
    var called = new ArrayList<HostCallCount>(4);
    for (int function : INDEXES_BY_NAME) {
      if ((allowed[function] | denied[function] | failed[function]) != 0) {
        called.add(
            new HostCallCount(
                HostFunctions.all().get(function).name(),
                allowed[function],
                denied[function],
                failed[function]));
      }
    }
    return List.copyOf(called);
  }

  /** What became of a call. */
  enum Verdict {
    ALLOWED,
    DENIED,
    FAILED
  }
}
