package org.wasmbroker.sandbox.wasmtime;

import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The slots of an engine. A thread that acquires one when none is free waits: the pool of
 * libwasmtime has exactly as many slots and would refuse one more. The most recently released slot
 * is acquired first, since its memory is still in the processor's cache.
 */
final class Slots {
  private final Slot[] all;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  /** The first {@code freeCount} are free. Guarded by {@code lock}. */
  private final Slot[] free;

  private int freeCount;
  private boolean closed;

  Slots(List<Slot> slots) {
    all = slots.toArray(Slot[]::new);
    free = all.clone();
    freeCount = free.length;
  }

  int count() {
    return all.length;
  }

  Slot get(long index) {
    return all[(int) index];
  }

  Slot acquire() {
    lock.lock();
    try {
      while (freeCount == 0 && !closed) {
        changed.awaitUninterruptibly();
      }
      if (closed) {
        throw new IllegalStateException("the engine is closed");
      }
      freeCount--;
      return free[freeCount];
    } finally {
      lock.unlock();
    }
  }

  void release(Slot slot) {
    lock.lock();
    try {
      free[freeCount] = slot;
      freeCount++;
      if (closed) {
        changed.signalAll(); // also the one that closes waits
      } else {
        changed.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Lets no further run start, waits for those in progress, and frees the slots. */
  void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
      while (freeCount < all.length) {
        changed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
    for (var slot : all) {
      slot.close();
    }
  }
}
