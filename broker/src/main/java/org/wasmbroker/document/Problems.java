package org.wasmbroker.document;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects what is wrong with one document. Not thread-safe. */
public final class Problems {
  /** More would not be read. */
  private static final int MAX = 100;

  private final List<Problem> found = new ArrayList<>();
  private int omitted;

  public void add(Problem problem) {
    if (found.size() < MAX) {
      found.add(problem);
    } else {
      omitted++;
    }
  }

  public boolean isEmpty() {
    return found.isEmpty();
  }

  /** Ordered by line and column, or else in the order in which they were found. */
  public List<Problem> list() {
    var all = new ArrayList<>(found);
    all.sort(
        Comparator.comparingInt((Problem problem) -> problem.location().line())
            .thenComparingInt(problem -> problem.location().column()));
    if (omitted > 0) {
      all.add(new Problem(Location.of(""), "", "and " + omitted + " more problems"));
    }
    return List.copyOf(all);
  }
}
