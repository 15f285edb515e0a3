package org.wasmbroker.dispatch;

import java.util.concurrent.atomic.AtomicBoolean;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.step.Step;

/** A step between its claim and its end. The end comes once: by its run, or by a lost lease. */
final class Work {
  private final Step step;
  private final long since;
  private final Cancellation cancellation = new Cancellation();
  private final AtomicBoolean ended = new AtomicBoolean();
  private long runningSince; // guarded by the dispatcher's lock

  Work(Step step, long since) {
    this.step = step;
    this.since = since;
  }

  Step step() {
    return step;
  }

  /** When it came, on the monotonic clock. */
  long since() {
    return since;
  }

  Cancellation cancellation() {
    return cancellation;
  }

  /** True for the one who ends it. */
  boolean end() {
    return ended.compareAndSet(false, true);
  }

  boolean hasEnded() {
    return ended.get();
  }

  void start(long now) {
    runningSince = now;
  }

  long runningSince() {
    return runningSince;
  }
}
