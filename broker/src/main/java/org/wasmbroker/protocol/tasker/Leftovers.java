package org.wasmbroker.protocol.tasker;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import org.wasmbroker.pgmq.SqlFailure;
import org.wasmbroker.step.TimeSource;

/**
 * Steps that this worker has taken and nobody has got: the answer of the claim was lost, or the
 * step's template could not be read. Later claims hand them out. Thread-safe.
 */
final class Leftovers {
  private final Function<UUID, List<ClaimedRow>> journal;
  private final UnansweredClaims unanswered;
  private final Queue<ClaimedRow> rows = new ConcurrentLinkedQueue<>();

  /**
   * @param journal answers the steps of a claim, as far as they are still this worker's
   */
  Leftovers(Function<UUID, List<ClaimedRow>> journal, TimeSource time) {
    this.journal = journal;
    this.unanswered = new UnansweredClaims(time);
  }

  void unanswered(UUID batch) {
    unanswered.add(batch);
  }

  void add(Collection<ClaimedRow> steps) {
    rows.addAll(steps);
  }

  /**
   * @throws SqlFailure when the journal cannot be read; nothing is forgotten
   */
  List<ClaimedRow> take(int atMost) {
    lookForUnanswered();
    var taken = new ArrayList<ClaimedRow>();
    while (taken.size() < atMost) {
      var row = rows.poll();
      if (row == null) {
        break;
      }
      taken.add(row);
    }
    return taken;
  }

  private void lookForUnanswered() {
    for (var call = unanswered.takeDue(); call != null; call = unanswered.takeDue()) {
      try {
        var found = journal.apply(call.batch());
        if (found.isEmpty()) {
          unanswered.notFound(call);
        }
        rows.addAll(found);
      } catch (SqlFailure failure) {
        unanswered.notAsked(call);
        throw failure;
      }
    }
  }
}
