package org.wasmbroker.cli;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.pgmq.SqlFailure;
import org.wasmbroker.protocol.standalone.deadletter.LetterFilter;
import org.wasmbroker.protocol.standalone.deadletter.LetterResult;
import org.wasmbroker.protocol.standalone.deadletter.LetterSearch;

/**
 * Does something to many dead letters, a batch at a time, until they are done or somebody stops it.
 * Letters that arrive meanwhile are not touched: a message that fails again at once would otherwise
 * be sent without end.
 */
final class LetterBulk {
  private final LetterSearch search;
  private final Pace pace;
  private final Stop stop;
  private final Progress progress;

  /** Waits, and says whether to stop. */
  @FunctionalInterface
  interface Stop {
    boolean await(long time, TimeUnit unit) throws InterruptedException;
  }

  /** Is told how many are done. */
  @FunctionalInterface
  interface Progress {
    void done(long letters);
  }

  /** What is done to a batch. */
  @FunctionalInterface
  interface Action {
    List<LetterResult> apply(Collection<Long> ids);
  }

  /**
   * @param results what became of each letter that was tried
   * @param stopped whether somebody stopped it
   * @param failure why it ended early, or null
   */
  record Done(List<LetterResult> results, boolean stopped, @Nullable SqlFailure failure) {}

  LetterBulk(LetterSearch search, Pace pace, Stop stop, Progress progress) {
    this.search = search;
    this.pace = pace;
    this.stop = stop;
    this.progress = progress;
  }

  /** Letters that match, up to this id, and at most so many. */
  Done run(LetterFilter filter, long upTo, int limit, Action action) throws InterruptedException {
    var results = new ArrayList<LetterResult>();
    long after = 0;
    while (results.size() < limit) {
      List<LetterResult> batch;
      try {
        var ids = search.ids(filter, after, upTo, Math.min(pace.batch(), limit - results.size()));
        if (ids.isEmpty()) {
          break;
        }
        after = ids.getLast();
        batch = action.apply(ids);
      } catch (SqlFailure failure) {
        return new Done(List.copyOf(results), false, failure);
      }
      results.addAll(batch);
      if (waits(results.size())) {
        return new Done(List.copyOf(results), true, null);
      }
    }
    return new Done(List.copyOf(results), false, null);
  }

  /** Letters with these ids, whether there are such or not. */
  Done run(Set<Long> ids, Action action) throws InterruptedException {
    var results = new ArrayList<LetterResult>();
    var all = ids.stream().sorted().toList();
    for (int from = 0; from < all.size(); from += pace.batch()) {
      try {
        results.addAll(action.apply(all.subList(from, Math.min(all.size(), from + pace.batch()))));
      } catch (SqlFailure failure) {
        return new Done(List.copyOf(results), false, failure);
      }
      if (waits(results.size())) {
        return new Done(List.copyOf(results), true, null);
      }
    }
    return new Done(List.copyOf(results), false, null);
  }

  private boolean waits(int done) throws InterruptedException {
    progress.done(done);
    return stop.await(pace.after(done).toNanos(), TimeUnit.NANOSECONDS);
  }
}
