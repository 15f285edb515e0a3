package org.wasmbroker.sandbox;

/**
 * The right of a step's guest to use a processor. It has it from its start on, gives it back while
 * it waits for something outside, and takes one again before it goes on. Used by the step's thread
 * only.
 */
public interface ComputePermit {
  /** Of a guest that shares its processor with nobody: it always has it. */
  ComputePermit UNSHARED =
      new ComputePermit() {
        @Override
        public void giveBack(long memoryBytes) {}

        @Override
        public void take() {}

        @Override
        public void tick() {}

        @Override
        public long waitedNanos() {
          return 0;
        }
      };

  /** The guest's memory may be as large as its limit. */
  long MEMORY_UNKNOWN = Long.MAX_VALUE;

  /**
   * The guest waits from now on, until {@link #take}. Without effect if it has no permit.
   *
   * @param memoryBytes the size of the guest's memory, which does not change meanwhile; or {@link
   *     #MEMORY_UNKNOWN}
   */
  void giveBack(long memoryBytes);

  /**
   * Waits until the guest may compute again. Returns at once, without a permit, if the run was
   * cancelled: no code of the guest may run then.
   */
  void take();

  /** Called at each tick of the engine while the guest computes: lets others compute, if due. */
  void tick();

  /** For how long the step has waited for permits, in nanoseconds. */
  long waitedNanos();

  /** How long a run may take in all, what it waits for permits included, in nanoseconds. */
  default long timeoutNanos() {
    return Long.MAX_VALUE;
  }
}
