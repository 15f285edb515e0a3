package org.wasmbroker.sandbox.host;

import java.util.List;
import java.util.Optional;

/** Finds what somebody may have meant. */
final class NearestName {
  private static final int LONGEST = 64;

  private NearestName() {}

  /** The known name that takes the fewest edits, if they are few for its length. */
  static Optional<String> of(String name, List<String> known) {
    Optional<String> nearest = Optional.empty();
    int fewest = Math.max(2, name.length() / 3) + 1;
    for (var candidate : known) {
      // A name of a hostile module can be long; no name of ours is.
      if (name.length() <= LONGEST) {
        int edits = edits(name, candidate);
        if (edits < fewest) {
          fewest = edits;
          nearest = Optional.of(candidate);
        }
      }
    }
    return nearest;
  }

  /** How many insertions, deletions and replacements make one of the other (Levenshtein). */
  private static int edits(String one, String other) {
    int[] previous = new int[other.length() + 1];
    for (int j = 0; j <= other.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= one.length(); i++) {
      int[] current = new int[other.length() + 1];
      current[0] = i;
      for (int j = 1; j <= other.length(); j++) {
        int replaced = previous[j - 1] + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
        current[j] = Math.min(replaced, 1 + Math.min(previous[j], current[j - 1]));
      }
      previous = current;
    }
    return previous[other.length()];
  }
}
