package org.wasmbroker.grant;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** What is wrong with a policy, as it is found. */
final class Problems {
  /** Who has so many will not read on. */
  private static final int MOST = 100;

  private final List<PolicyProblem> found = new ArrayList<>();
  private int more;

  void add(int line, String place, String message) {
    add(new PolicyProblem(line, place, message));
  }

  void add(PolicyProblem problem) {
    if (found.size() < MOST) {
      found.add(problem);
    } else {
      more++;
    }
  }

  boolean isEmpty() {
    return found.isEmpty();
  }

  /** By line, and in the order in which they were found. */
  List<PolicyProblem> list() {
    var all = new ArrayList<>(found);
    all.sort(Comparator.comparingInt(PolicyProblem::line));
    if (more > 0) {
      all.add(new PolicyProblem(0, "", "and " + more + " more problems"));
    }
    return List.copyOf(all);
  }
}
