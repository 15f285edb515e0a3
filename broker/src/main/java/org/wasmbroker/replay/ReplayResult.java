package org.wasmbroker.replay;

import java.util.List;
import org.wasmbroker.step.Outcome;

/**
 * How a replay ended.
 *
 * @param differences between the recorded end and this one; empty if they are the same
 * @param departures where the guest asked for something else than it did, a sentence each
 * @param notes what cannot be the same, or is not known to be, a sentence each
 */
public record ReplayResult(
    Outcome outcome,
    List<ReplayDifference> differences,
    List<String> departures,
    List<String> notes) {
  public ReplayResult {
    differences = List.copyOf(differences);
    departures = List.copyOf(departures);
    notes = List.copyOf(notes);
  }

  /** Whether the step ended as it was recorded. */
  public boolean isSame() {
    return differences.isEmpty();
  }
}
