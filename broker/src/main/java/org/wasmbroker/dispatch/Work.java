package org.wasmbroker.dispatch;

import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.dispatch.ModuleFinder.Found;
import org.wasmbroker.registry.Resolution;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.step.Step;

/**
 * A step between its claim and its end. The end comes once: by its run, or by a lost lease. What
 * its module is, and so how much memory it needs, is found out once, before it starts.
 */
final class Work {
  private final Step step;
  private final long since;
  private final Cancellation cancellation = new Cancellation();
  private final AtomicBoolean ended = new AtomicBoolean();

  // All below is guarded by the dispatcher's lock until the step starts.
  private @Nullable Found found;
  private boolean resolving;
  private long passedBy;
  private long runningSince;

  /**
   * @param since when it came, on the monotonic clock
   * @param found what it will run, or null if that is not known yet
   */
  Work(Step step, long since, @Nullable Found found) {
    this.step = step;
    this.since = since;
    this.found = found;
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

  /** True for the one who is to find its module. */
  boolean beginResolving() {
    boolean mine = !resolving;
    resolving = true;
    return mine;
  }

  boolean isBeingResolved() {
    return resolving && !isResolved();
  }

  boolean isResolved() {
    return found != null;
  }

  void resolved(Found newFound) {
    found = newFound;
  }

  /** What it runs; throws what went wrong in looking for it. */
  Resolution resolution() {
    return found().resolution().get();
  }

  /** What its guest may use, in bytes; 0 if there will be no guest. */
  long memory() {
    return found().memory();
  }

  private Found found() {
    if (found == null) {
      throw new IllegalStateException("the module of step " + step.id() + " is not known yet");
    }
    return found;
  }

  /** A step that came later has started with so much memory. */
  void passedBy(long bytes) {
    passedBy += bytes;
  }

  /** Others that came later have had as much memory meanwhile as this one needs. */
  boolean isItsTurn() {
    return passedBy >= memory();
  }

  void start(long now) {
    runningSince = now;
  }

  long runningSince() {
    return runningSince;
  }
}
