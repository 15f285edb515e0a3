package org.wasmbroker.registry;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.registry.load.Candidate;
import org.wasmbroker.registry.load.LoadResult;
import org.wasmbroker.step.Digest;

/**
 * Modules that left service not long ago: steps that began with one may be tried again with it. Not
 * thread-safe, but {@link #find} and {@link #all} may be called at any time.
 */
final class Retired {
  private static final int MAX_MODULES = 64;

  private final long keepNanos;
  private final Deque<Entry> entries = new ArrayDeque<>();
  private volatile List<Candidate> current = List.of();

  private record Entry(Candidate candidate, long since) {}

  Retired(Duration keep) {
    this.keepNanos = keep.toNanos();
  }

  /** Takes over a candidate that serves nothing else any more. */
  void add(Candidate candidate, long now) {
    if (candidate.resultIfLoaded() instanceof LoadResult.Usable && keepNanos > 0) {
      entries.addLast(new Entry(candidate, now));
      current = entries.stream().map(Entry::candidate).toList();
    } else {
      candidate.retire();
    }
  }

  /** Those that were kept for long enough, and are not found from now on. */
  List<Candidate> removeOld(long now) {
    var old = new ArrayList<Candidate>();
    while (!entries.isEmpty()
        && (entries.size() > MAX_MODULES || now - entries.getFirst().since() >= keepNanos)) {
      old.add(entries.removeFirst().candidate());
    }
    if (!old.isEmpty()) {
      current = entries.stream().map(Entry::candidate).toList();
    }
    return old;
  }

  /** Those of which this holds, and which are not found from now on. */
  List<Candidate> removeIf(Predicate<Candidate> condition) {
    var removed = current.stream().filter(condition).toList();
    entries.removeIf(entry -> removed.contains(entry.candidate()));
    current = entries.stream().map(Entry::candidate).toList();
    return removed;
  }

  /** Those that are kept now; may be called at any time. */
  List<Candidate> all() {
    return current;
  }

  /** The one with that digest that left service last, or null. */
  @Nullable Candidate find(String handler, Digest module) {
    return current.stream()
        .filter(candidate -> candidate.id().handler().equals(handler))
        .filter(candidate -> module.equals(candidate.digest()))
        .reduce((earlier, later) -> later)
        .orElse(null);
  }
}
