package org.wasmbroker.sandbox.host;

import java.util.ArrayList;
import java.util.List;
import org.wasmbroker.step.HostCallCount;

/** How often one run called each host function, by the function's index in the table. */
final class CallCounts {
  private final HostFunctionTable functions;
  private final int[] allowed;
  private final int[] denied;
  private final int[] failed;

  CallCounts(HostFunctionTable functions) {
    this.functions = functions;
    this.allowed = new int[functions.size()];
    this.denied = new int[functions.size()];
    this.failed = new int[functions.size()];
  }

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
    for (int place = 0; place < allowed.length; place++) {
      int function = functions.indexByName(place);
      if ((allowed[function] | denied[function] | failed[function]) != 0) {
        called.add(
            new HostCallCount(
                functions.get(function).name(),
                allowed[function],
                denied[function],
                failed[function]));
      }
    }
    return List.copyOf(called);
  }

  /** The outcome of a call. */
  enum Verdict {
    ALLOWED,
    DENIED,
    FAILED
  }
}
