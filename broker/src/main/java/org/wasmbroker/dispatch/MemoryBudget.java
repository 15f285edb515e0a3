package org.wasmbroker.dispatch;

/**
 * The memory that all guests together may use, and how much of it is promised to those that run. A
 * guest is promised all that its limits allow, since it may use all of it at any moment. Not
 * thread-safe.
 */
final class MemoryBudget {
  private static final double WEIGHT = 1.0 / 8;

  private final long bytes;
  private long inUse;
  private double usual;

  MemoryBudget(long bytes) {
    this.bytes = bytes;
  }

  long bytes() {
    return bytes;
  }

  long inUse() {
    return inUse;
  }

  boolean fits(long need) {
    return need <= bytes - inUse;
  }

  void take(long need) {
    if (!fits(need)) {
      throw new IllegalStateException(
          "%d bytes do not fit: %d of %d are in use".formatted(need, inUse, bytes));
    }
    inUse += need;
  }

  void giveBack(long need) {
    inUse -= need;
  }

  /** A step came that needs so much. */
  void seen(long need) {
    usual = usual == 0 ? (double) need : usual + ((double) need - usual) * WEIGHT;
  }

  /**
   * How many more steps of the usual size would start.
   *
   * @param waitingBytes what those that wait and fit will take first
   * @param ahead how many would start soon besides, if only slots counted
   * @param slots how many run at once, if only slots counted
   */
  int room(long waitingBytes, int ahead, int slots) {
    if (usual < 1) {
      return Integer.MAX_VALUE;
    }
    double free = (double) (bytes - inUse - waitingBytes) / usual;
    double atOnce = Math.min(1, (double) bytes / usual / slots);
    return (int) Math.max(0, Math.min(Integer.MAX_VALUE, Math.floor(free + ahead * atOnce)));
  }
}
