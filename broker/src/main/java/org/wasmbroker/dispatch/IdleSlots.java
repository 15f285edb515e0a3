package org.wasmbroker.dispatch;

import java.util.ArrayDeque;
import java.util.BitSet;

/**
 * The slots without a step: those whose thread waits for one, the last one first, since its thread
 * was active last; then those that have no thread yet. Not thread-safe.
 */
final class IdleSlots {
  private final int[] waiting; // the last one is taken first
  private final BitSet isWaiting = new BitSet();
  private int waitingCount;
  private final ArrayDeque<Integer> unstarted = new ArrayDeque<>();
  private int limit;
  private int threads;

  /**
   * @param slots how many there are
   */
  IdleSlots(int slots) {
    this.waiting = new int[slots];
    this.limit = slots;
  }

  boolean isEmpty() {
    return waitingCount == 0 && threads >= limit;
  }

  /** The thread of the slot waits for a step. Every step ends with this: it does not search. */
  void add(int slot) {
    if (!isWaiting.get(slot)) {
      isWaiting.set(slot);
      waiting[waitingCount++] = slot;
    }
  }

  /** The slot for the next step; there is one. If it has no thread, that is to be started. */
  int take() {
    if (waitingCount > 0) {
      int slot = waiting[--waitingCount];
      isWaiting.clear(slot);
      return slot;
    }
    unstarted.add(threads);
    return threads++;
  }

  boolean hasUnstarted() {
    return !unstarted.isEmpty();
  }

  /** A slot whose thread has to be started. */
  int takeUnstarted() {
    return unstarted.remove();
  }

  /** A thread could not be started: those that there are have to do. */
  void limitToStarted() {
    limit = threads;
  }
}
