package org.wasmbroker.cli;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** Tells of problems, of each once as long as it is there. Thread-safe. */
final class ToldOnce {
  private final Consumer<String> told;
  private Set<String> known = Set.of(); // guarded by this

  ToldOnce(Consumer<String> told) {
    this.told = told;
  }

  /** Those that there are now, in these lists. */
  synchronized void tell(List<String> some, List<String> others) {
    var now = new LinkedHashSet<>(some);
    now.addAll(others);
    var before = known;
    known = now;
    now.stream().filter(problem -> !before.contains(problem)).forEach(told);
  }
}
