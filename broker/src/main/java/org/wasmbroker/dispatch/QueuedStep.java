package org.wasmbroker.dispatch;

import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.dispatch.ModuleFinder.FoundModule;
import org.wasmbroker.registry.Resolution;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.step.Step;

/**
 * A step between its claim and its end. It ends once: by its run or by a lost lease. Its module,
 * and thus the memory that it needs, is determined once, before it starts.
 */
final class QueuedStep {
  private final Step step;
  private final Cancellation cancellation;
  private final GuestPermit permit;
  private final AtomicBoolean ended = new AtomicBoolean();

  // All below is guarded by the scheduler's lock until the step starts.
  private @Nullable FoundModule module;
  private long overtakenBytes;
  private long queuedAt;
  private long startedAt;

  /**
   * @param queuedAt when it arrived, on the monotonic clock
   * @param module what it will run, or null if that is not known yet
   * @param cancellation stops its guest
   * @param permit lets its guest compute
   */
  QueuedStep(
      Step step,
      long queuedAt,
      @Nullable FoundModule module,
      Cancellation cancellation,
      GuestPermit permit) {
    this.step = step;
    this.cancellation = cancellation;
    this.permit = permit;
    this.queuedAt = queuedAt;
    this.module = module;
  }

  Step step() {
    return step;
  }

  /** Since when its module is known and it waits for a slot, on the monotonic clock. */
  long queuedAt() {
    return queuedAt;
  }

  Cancellation cancellation() {
    return cancellation;
  }

  GuestPermit permit() {
    return permit;
  }

  /** True for the caller that ends it. */
  boolean tryEnd() {
    return ended.compareAndSet(false, true);
  }

  boolean hasEnded() {
    return ended.get();
  }

  /** Whether no other step may run beside it. */
  boolean runsAlone() {
    return step.claim().lostStarts() >= LoneRuns.STARTS_IN_COMPANY;
  }

  boolean isResolved() {
    return module != null;
  }

  /** Its module has been found, and it waits for a slot from now on. */
  void resolved(FoundModule resolvedModule, long now) {
    module = resolvedModule;
    queuedAt = now;
  }

  /** What it runs; throws what went wrong in resolving it. */
  Resolution resolution() {
    return module().resolution().get();
  }

  /** The memory limit of its guest, in bytes; 0 if there will be no guest. */
  long memoryBytes() {
    return module().memory();
  }

  private FoundModule module() {
    if (module == null) {
      throw new IllegalStateException("the module of step " + step.id() + " is not known yet");
    }
    return module;
  }

  /** A later step has started with this much memory. */
  void overtakenBy(long bytes) {
    overtakenBytes += bytes;
  }

  /** Later steps have taken as much memory in total as this one needs. */
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
