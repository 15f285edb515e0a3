package org.wasmbroker.dispatch;

import java.time.Duration;

/**
 * Whether steps start.
 *
 * @param stalled for how long steps could have started and none has; zero if one has, or none could
 * @param waiting how many claimed steps wait
 * @param overrunning how many slots are held by steps that have exceeded their time limits by more
 *     than {@code dispatch.stall-after}
 * @param slots how many slots there are
 * @param stuck whether everything that guests may compute on is held by such steps
 * @param stallAfter the configured {@code dispatch.stall-after}
 */
public record Progress(
    Duration stalled, int waiting, int overrunning, int slots, boolean stuck, Duration stallAfter) {

  /** Whether the broker runs no steps although it should. */
  public boolean isStalled() {
    return overrunning == slots || stuck || stalled.compareTo(stallAfter) >= 0;
  }

  /** A sentence for people. */
  public String describe() {
    if (overrunning == slots) {
      return "all %d slots are held by steps that have exceeded their time limits by more than %d s"
          .formatted(slots, stallAfter.toSeconds());
    }
    if (stuck) {
      return "everything that guests may compute on is held by steps that have exceeded their time limits by more than %d s"
          .formatted(stallAfter.toSeconds());
    }
    if (isStalled()) {
      return "no step has started for %d s although %d wait and slots are free"
          .formatted(stalled.toSeconds(), waiting);
    }
    return overrunning == 0
        ? "steps start when they can"
        : "%d of %d slots are held by steps that have exceeded their time limits by more than %d s"
            .formatted(overrunning, slots, stallAfter.toSeconds());
  }
}
