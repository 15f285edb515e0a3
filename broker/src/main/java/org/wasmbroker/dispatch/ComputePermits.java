package org.wasmbroker.dispatch;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How many guests compute at once, which ones wait to go on, and whose turn it is. Not thread-safe.
 *
 * <p>A guest is short until it has computed for a slice. Short ones go on in order of arrival, and
 * before the steps that have not started yet, so that what was begun ends. A guest that has
 * computed for longer gives way, at a tick, to those that have computed less, so that nobody stands
 * behind an endless loop; and it goes on when there is nobody else, the least computed first. So
 * that short steps without end do not keep it from ever ending, each eighth slice of a processor is
 * for the one that has waited longest, and nobody takes that slice from it
 * (docs/adr/0038-a-guest-that-waits-holds-no-processor.md).
 */
final class ComputePermits {
  private static final int SHARE_OF_LONG = 8;

  private final int count;
  private final long sliceNanos;
  private final long longInterval;
  private final List<GuestPermit> waiting = new ArrayList<>();
  private int free;
  private long nextLong;
  private final Set<GuestPermit> undisturbed = new HashSet<>(); // each has a slice of its own

  ComputePermits(int count, Duration slice, long now) {
    this.count = count;
    this.free = count;
    this.sliceNanos = slice.toNanos();
    this.longInterval = sliceNanos * SHARE_OF_LONG / count;
    this.nextLong = now;
  }

  int count() {
    return count;
  }

  int free() {
    return free;
  }

  int waiting() {
    return waiting.size();
  }

  boolean hasWaiting() {
    return !waiting.isEmpty();
  }

  boolean isWaiting(GuestPermit permit) {
    return waiting.contains(permit);
  }

  /** A permit that is free is taken. */
  void take() {
    free--;
  }

  void giveBack(GuestPermit permit) {
    free++;
    if (!undisturbed.isEmpty()) {
      undisturbed.remove(permit);
    }
  }

  void addWaiting(GuestPermit permit) {
    waiting.add(permit);
  }

  boolean removeWaiting(GuestPermit permit) {
    return waiting.remove(permit);
  }

  /** Whether a guest waits for memory that is reserved for others: then no new one starts. */
  boolean isShortOfMemory(MemoryBudget memory) {
    for (var permit : waiting) {
      if (!memory.fits(permit.missingBytes())) {
        return true;
      }
    }
    return false;
  }

  /** The guest that goes on before any step starts; it no longer waits. Null if there is none. */
  @Nullable GuestPermit takeFirst(MemoryBudget memory, long now) {
    var due = longDue(memory, now);
    if (due != null) {
      nextLong = now + longInterval;
      undisturbed.add(due);
      waiting.remove(due);
      return due;
    }
    for (var permit : waiting) {
      if (isShort(permit) && memory.fits(permit.missingBytes())) {
        waiting.remove(permit);
        return permit;
      }
    }
    return null;
  }

  /** The guest that goes on if no step can start. */
  @Nullable GuestPermit takeLast(MemoryBudget memory) {
    var least = leastComputed(memory);
    if (least != null) {
      waiting.remove(least);
    }
    return least;
  }

  private @Nullable GuestPermit leastComputed(MemoryBudget memory) {
    GuestPermit least = null;
    for (var permit : waiting) {
      if (memory.fits(permit.missingBytes())
          && (least == null || permit.computed(0) < least.computed(0))) {
        least = permit;
      }
    }
    return least;
  }

  private @Nullable GuestPermit longDue(MemoryBudget memory, long now) {
    if (now - nextLong < 0) {
      return null;
    }
    GuestPermit due = null;
    for (var permit : waiting) {
      if (!isShort(permit)
          && now - permit.waitingSince() >= SHARE_OF_LONG * sliceNanos
          && memory.fits(permit.missingBytes())
          && (due == null || permit.waitingSince() - due.waitingSince() < 0)) {
        due = permit;
      }
    }
    return due;
  }

  private boolean isShort(GuestPermit waiter) {
    return waiter.computed(0) < sliceNanos;
  }

  /**
   * Whether a guest that computes has to give way now.
   *
   * @param startable whether a step could start
   */
  boolean givesWay(GuestPermit permit, boolean startable, MemoryBudget memory, long now) {
    long computed = permit.computed(now);
    if (computed < sliceNanos || (permit.stint(now) < sliceNanos && undisturbed.contains(permit))) {
      return false;
    }
    if (startable) {
      return true;
    }
    var least = leastComputed(memory);
    return least != null
        && (isShort(least) || (permit.stint(now) >= sliceNanos && least.computed(0) < computed));
  }
}
