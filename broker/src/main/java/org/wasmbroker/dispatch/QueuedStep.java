package org.wasmbroker.dispatch;

import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.dispatch.ModuleFinder.FoundModule;
import org.wasmbroker.registry.Resolution;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.step.Step;

/**
 * A step between its claim and its end. The end comes once: by its run, or by a lost lease. What
 * its module is, and so how much memory it needs, is found out once, before it starts.
 */
final class QueuedStep {
  private final Step step;
  private final long queuedAt;
  private final Cancellation cancellation = new Cancellation();
  private final AtomicBoolean ended = new AtomicBoolean();

  // All below is guarded by the dispatcher's lock until the step starts.
  private @Nullable FoundModule module;
  private boolean resolving;
  private long overtakenBytes;
  private long startedAt;

  /**
   * @param queuedAt when it came, on the monotonic clock
   * @param module what it will run, or null if that is not known yet
   */
  QueuedStep(Step step, long queuedAt, @Nullable FoundModule module) {
    this.step = step;
    this.queuedAt = queuedAt;
    this.module = module;
  }

  Step step() {
    return step;
  }

  /** When it came, on the monotonic clock. */
  long queuedAt() {
    return queuedAt;
  }

  Cancellation cancellation() {
    return cancellation;
  }

  /** True for the one who ends it. */
  boolean tryEnd() {
    return ended.compareAndSet(false, true);
  }

  boolean hasEnded() {
    return ended.get();
  }

  /** True for the one who is to find its module. */
  boolean tryBeginResolving() {
    boolean first = !resolving;
    resolving = true;
    return first;
  }

  boolean isResolving() {
    return resolving && !isResolved();
  }

  boolean isResolved() {
    return module != null;
  }

  void resolved(FoundModule resolvedModule) {
    module = resolvedModule;
  }

  /** What it runs; throws what went wrong in looking for it. */
  Resolution resolution() {
    return module().resolution().get();
  }

  /** What its guest may use, in bytes; 0 if there will be no guest. */
  long memoryBytes() {
    return module().memory();
  }

  private FoundModule module() {
    if (module == null) {
      throw new IllegalStateException("the module of step " + step.id() + " is not known yet");
    }
    return module;
  }

  /** A step that came later has started with so much memory. */
  void overtakenBy(long bytes) {
    overtakenBytes += bytes;
  }

  /** Others that came later have had as much memory meanwhile as this one needs. */
  boolean hasPriority() {
    return overtakenBytes >= memoryBytes();
  }

  void start(long now) {
    startedAt = now;
  }

  long startedAt() {
    return startedAt;
  }
}
