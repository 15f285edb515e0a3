package org.wasmbroker.step;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Finds the name that was probably intended. */
public final class NearestName {
  /** All known names are shorter; a longer one is not searched for. */
  private static final int MAX_LENGTH = 100;

  private NearestName() {}

  /** The name with the smallest edit distance, if that is small for its length. */
  public static Optional<String> of(String wanted, Collection<String> names) {
    if (wanted.length() > MAX_LENGTH) {
      return Optional.empty();
    }
    return names.stream()
        .filter(name -> distance(wanted, name) <= Math.max(2, wanted.length() / 3))
        .min(
            Comparator.<String>comparingInt(name -> distance(wanted, name))
                .thenComparing(name -> name));
  }

  /** The number of insertions, deletions and replacements between the two (Levenshtein). */
  private static int distance(String from, String to) {
    var row = new int[to.length() + 1];
    for (int j = 0; j <= to.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, Math.min(row[j - 1], row[j]) + 1);
      }
    }
    return row[to.length()];
  }
}
