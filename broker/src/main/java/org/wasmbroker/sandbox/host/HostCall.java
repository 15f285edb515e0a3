package org.wasmbroker.sandbox.host;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.Document;

/** One call of a host function by a guest, as its engine presents it. */
public interface HostCall {
  int i32(int index);

  long i64(int index);

  /** The guest's memory as it is now; not to be kept beyond the call. */
  GuestMemory memory();

  /** The size of the guest's memory, where {@link #memory} is another one. */
  default long guestMemoryBytes() {
    return memory().size();
  }

  /** The state of the run to which the guest belongs. */
  RunState run();

  /** What the guest's module carries beside its code, or null. */
  @Nullable Document content();
}
