package org.wasmbroker.dispatch;

/** Where a guest gets the permit to compute from. Thread-safe, and quick. */
interface PermitQueue {
  /**
   * The guest of the permit waits for something outside. Without effect if it has none.
   *
   * @param memoryBytes as in {@link org.wasmbroker.sandbox.ComputePermit#giveBack}
   */
  void giveBack(GuestPermit permit, long memoryBytes);

  /** Whether the guest may compute now; if not, its thread waits until that is granted. */
  boolean request(GuestPermit permit);

  /** Whether the guest that computes may go on; if not, its thread waits until that is granted. */
  boolean tick(GuestPermit permit);

  /** Whether the guest, which has the permit, has computed for a slice. Takes no lock. */
  boolean hasComputedForLong(GuestPermit permit);

  /** The guest no longer waits, unless the permit was granted in the meantime. */
  void withdraw(GuestPermit permit);

  /** Whether anybody waits who could compute. Takes no lock. */
  boolean isContended();
}
