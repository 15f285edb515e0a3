package org.wasmbroker.execution;

import java.util.function.Supplier;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.ComputePermit;

/** What stops the runs of a step, and what lets them compute. */
record RunControl(Cancellation cancellation, ComputePermit permit) {

  /** Calls what waits for others between two runs, when the step has no guest. */
  <T> T whileWaiting(Supplier<T> call) {
    permit.giveBack(0);
    try {
      return call.get();
    } finally {
      permit.take();
    }
  }
}
