package org.wasmbroker.capability;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The handlers for which results may ask for new steps.
 *
 * @param handlers their names; none if {@code all}
 * @param all whether for every handler
 */
public record NewSteps(Set<String> handlers, boolean all) {
  public static final NewSteps NONE = new NewSteps(Set.of(), false);
  public static final NewSteps ALL = new NewSteps(Set.of(), true);

  public NewSteps {
    handlers = all ? Set.of() : Set.copyOf(handlers);
  }

  /** Whether there may be none at all. */
  public boolean isEmpty() {
    return !all && handlers.isEmpty();
  }

  public boolean includes(String handler) {
    return all || handlers.contains(handler);
  }

  NewSteps and(NewSteps other) {
    if (all) {
      return other;
    }
    return new NewSteps(
        handlers.stream().filter(other::includes).collect(Collectors.toSet()), false);
  }

  NewSteps or(NewSteps other) {
    var both = new HashSet<>(handlers);
    both.addAll(other.handlers);
    return new NewSteps(both, all || other.all);
  }

  /** The names in their order, or a star. */
  List<String> describe() {
    return all ? List.of("*") : handlers.stream().sorted().toList();
  }
}
