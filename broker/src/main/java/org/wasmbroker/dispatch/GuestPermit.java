package org.wasmbroker.dispatch;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.ComputePermit;

/**
 * The compute permit of one step, and what it has used of it. Its step's thread gives it back, and
 * waits for one again; the scheduler grants it.
 */
final class GuestPermit implements ComputePermit {
  private static final long UNTIL_UNPARKED = Long.MAX_VALUE;
  private static final long MIN_TIMEOUT_NANOS = 1_000_000;

  private final PermitQueue queue;
  private final Cancellation cancellation;
  private final Duration timeout;

  /** Set when it is granted, under the scheduler's lock; what is written before is seen then. */
  private volatile boolean held;

  // All below is guarded by the scheduler's lock, but for the step's own thread while it is held.
  private long heldSince;
  private long computed;
  private long waitingSince;
  private long waited;
  private long reservedBytes;
  private long limitBytes;
  private @Nullable Thread waiter;

  /**
   * @param timeout of the step, which counts what it waits as well
   */
  GuestPermit(PermitQueue queue, Cancellation cancellation, Duration timeout) {
    this.queue = queue;
    this.cancellation = cancellation;
    this.timeout = timeout;
  }

  @Override
  public void giveBack(long memoryBytes) {
    queue.giveBack(this, memoryBytes);
  }

  @Override
  public void take() {
    if (!queue.request(this)) {
      await();
    }
  }

  @Override
  @SuppressWarnings("ThreadPriorityCheck") // a hint only: nothing depends on who runs next
  public void tick() {
    if (queue.isContended() && !queue.tick(this)) {
      await();
    } else if (queue.hasComputedForLong(this)) {
      Thread.yield(); // to a thread that has just become runnable on this processor
    }
  }

  @Override
  public long waitedNanos() {
    return waited;
  }

  @Override
  public long timeoutNanos() {
    return Math.max(MIN_TIMEOUT_NANOS, timeout.toNanos());
  }

  /** Waits until it is granted or the run is cancelled. */
  private void await() {
    boolean interrupted = false;
    while (!held && cancellation.reason() == null) {
      cancellation.await(UNTIL_UNPARKED);
      interrupted |= Thread.interrupted(); // it would end every further wait at once
    }
    if (!held) {
      queue.withdraw(this);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  // What follows is called under the scheduler's lock.

  boolean isHeld() {
    return held;
  }

  /** The step starts; it has a permit, and its whole limit of memory is reserved. */
  void start(long limit, long now) {
    limitBytes = limit;
    reservedBytes = limit;
    heldSince = now;
    held = true;
  }

  void waits(long now) {
    waitingSince = now;
    waiter = Thread.currentThread();
  }

  /** It was granted, and its whole limit of memory is reserved again. */
  void granted(long now) {
    var granted = waiter;
    endWait(now);
    reservedBytes = limitBytes;
    heldSince = now;
    held = true;
    LockSupport.unpark(granted);
  }

  void endWait(long now) {
    waited += now - waitingSince;
    waiter = null;
  }

  /**
   * It is no longer held.
   *
   * @param overhead nanoseconds that count as computed besides
   */
  void returned(long now, long overhead) {
    computed = computed(now) + overhead;
    held = false;
  }

  /** How long it has been held in all, in nanoseconds. */
  long computed(long now) {
    return held ? computed + stint(now) : computed;
  }

  /** How long it has been held since it was granted last. */
  long stint(long now) {
    return now - heldSince;
  }

  /** Since when it waits. */
  long waitingSince() {
    return waitingSince;
  }

  /** For how long the step has waited for permits, the wait in progress included. */
  long waited(long now) {
    return waiter == null ? waited : waited + now - waitingSince;
  }

  /** The memory that has to be reserved before the guest goes on. */
  long missingBytes() {
    return limitBytes - reservedBytes;
  }

  long reservedBytes() {
    return reservedBytes;
  }

  /**
   * The guest cannot grow until it goes on.
   *
   * @return how much less is reserved for it
   */
  long shrink(long bytes) {
    long kept = Math.min(reservedBytes, bytes);
    long released = reservedBytes - kept;
    reservedBytes = kept;
    return released;
  }
}
