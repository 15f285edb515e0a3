package org.wasmbroker.dispatch;

/**
 * The memory of all guests together, and how much of it is reserved for those in flight: the whole
 * limit of a guest that computes, since it may use all of it at any moment, and what it has of one
 * that waits. Not thread-safe.
 */
final class MemoryBudget {
  private static final double WEIGHT = 1.0 / 8;

  private final long bytes;
  private long inUse;
  private double typicalBytes;

  MemoryBudget(long bytes) {
    this.bytes = bytes;
  }

  long bytes() {
    return bytes;
  }

  long inUse() {
    return inUse;
  }

  boolean fits(long demand) {
    return demand <= bytes - inUse;
  }

  void reserve(long demand) {
    if (!fits(demand)) {
      throw new IllegalStateException(
          "%d bytes do not fit, %d of %d are in use".formatted(demand, inUse, bytes));
    }
    inUse += demand;
  }

  void release(long demand) {
    inUse -= demand;
  }

  /** Updates the typical demand with that of a step that arrived. */
  void recordDemand(long demand) {
    typicalBytes =
        typicalBytes == 0
            ? (double) demand
            : typicalBytes + ((double) demand - typicalBytes) * WEIGHT;
  }

  /**
   * How many more steps of typical size would start.
   *
   * @param waitingBytes the demand of waiting steps that fit and start first
   * @param prefetch how many steps to prefetch if only slots counted
   * @param computing how many steps compute at once if memory did not count
   */
  int capacity(long waitingBytes, int prefetch, int computing) {
    if (typicalBytes < 1) {
      return Integer.MAX_VALUE;
    }
    double free = (double) (bytes - inUse - waitingBytes) / typicalBytes;
    double share = Math.min(1, (double) bytes / typicalBytes / computing);
    return (int) Math.max(0, Math.min(Integer.MAX_VALUE, Math.floor(free + prefetch * share)));
  }
}
