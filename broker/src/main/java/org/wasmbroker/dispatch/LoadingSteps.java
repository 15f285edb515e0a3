package org.wasmbroker.dispatch;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.wasmbroker.step.HandlerRef;

/**
 * The steps whose module is being looked up, which may mean that it is compiled. Not thread-safe.
 *
 * <p>At first they count as waiting for a slot. If the lookup takes long they do not, since they
 * need no slot until it ends, and steps of other handlers can be claimed. At most {@value
 * #MAX_UNCOUNTED} are left out of the count, since each holds a claim.
 */
final class LoadingSteps {
  private static final long LONG_NANOS = Duration.ofSeconds(1).toNanos();
  private static final int MAX_UNCOUNTED = 256;

  private final Map<HandlerRef, Lookup> lookups = new HashMap<>();

  /**
   * @param since on the monotonic clock
   */
  private record Lookup(long since, List<QueuedStep> steps) {}

  /**
   * Adds a step; true if no lookup is under way for the reference that it was routed to, so that
   * the caller begins one.
   */
  boolean add(HandlerRef routed, QueuedStep queued, long now) {
    boolean first = !lookups.containsKey(routed);
    lookups.computeIfAbsent(routed, any -> new Lookup(now, new ArrayList<>())).steps().add(queued);
    return first;
  }

  /** The lookup for this reference has ended; returns the steps that waited for it. */
  List<QueuedStep> end(HandlerRef routed) {
    var ended = lookups.remove(routed);
    return ended == null ? List.of() : ended.steps();
  }

  int size() {
    int all = 0;
    for (var lookup : lookups.values()) {
      all += lookup.steps().size();
    }
    return all;
  }

  /** How many of them count as waiting for a slot. */
  int counted(long now) {
    int recent = 0;
    int others = 0;
    for (var lookup : lookups.values()) {
      if (now - lookup.since() < LONG_NANOS) {
        recent += lookup.steps().size();
      } else {
        others += lookup.steps().size();
      }
    }
    return recent + Math.max(0, others - MAX_UNCOUNTED);
  }

  List<QueuedStep> all() {
    return lookups.values().stream().flatMap(lookup -> lookup.steps().stream()).toList();
  }

  void removeIf(Predicate<QueuedStep> predicate) {
    lookups.values().forEach(lookup -> lookup.steps().removeIf(predicate));
  }

  List<QueuedStep> removeAll() {
    var all = all();
    lookups.values().forEach(lookup -> lookup.steps().clear());
    return all;
  }
}
