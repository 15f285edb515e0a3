package org.wasmbroker.protocol.tasker.claim;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.pgmq.SqlFailure;
import org.wasmbroker.step.TimeSource;

/**
 * Steps that this worker has claimed but not delivered: the claim's response was lost, or the
 * step's template could not be read. Later claims deliver them. Thread-safe.
 */
final class UndeliveredClaims {
  private static final Logger log = LoggerFactory.getLogger(UndeliveredClaims.class);

  private final Function<UUID, List<ClaimedRow>> journal;
  private final InDoubtClaims inDoubt;
  private final Queue<ClaimedRow> rows = new ConcurrentLinkedQueue<>();

  /**
   * @param journal finds the steps of a claim, as far as they still belong to this worker
   */
  UndeliveredClaims(Function<UUID, List<ClaimedRow>> journal, TimeSource time) {
    this.journal = journal;
    this.inDoubt = new InDoubtClaims(time);
  }

  void addInDoubt(UUID batch) {
    inDoubt.add(batch);
  }

  void add(Collection<ClaimedRow> steps) {
    rows.addAll(steps);
  }

  /**
   * @throws SqlFailure if the journal cannot be read; nothing is lost then
   */
  List<ClaimedRow> poll(int maxRows) {
    resolveInDoubt();
    var taken = new ArrayList<ClaimedRow>();
    while (taken.size() < maxRows) {
      var row = rows.poll();
      if (row == null) {
        break;
      }
      taken.add(row);
    }
    return taken;
  }

  private void resolveInDoubt() {
    for (var call = inDoubt.pollDue(); call != null; call = inDoubt.pollDue()) {
      try {
        var found = journal.apply(call.batch());
        if (found.isEmpty()) {
          inDoubt.notFound(call);
        }
        rows.addAll(found);
      } catch (SqlFailure failure) {
        inDoubt.lookupFailed(call);
        throw failure;
      } catch (RuntimeException | OutOfMemoryError failure) {
        // Not the database's: the steps of this batch wait, and others go on.
        inDoubt.postpone(call);
        log.error("steps that were claimed earlier cannot be read yet", failure);
      }
    }
  }
}
