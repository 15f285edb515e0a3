package org.wasmbroker.mcp;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.wasmbroker.protocol.DocumentWriter;
import org.wasmbroker.protocol.StepExecutionResult;
import org.wasmbroker.step.Outcome;

/** The receipts of the latest calls, each for whom made the call. Thread-safe. */
final class Receipts {
  private final int max;

  /** By step, the oldest first; guarded by this. */
  private final Map<String, Kept> kept = new LinkedHashMap<>();

  /**
   * One of them.
   *
   * @param json the receipt as a queue's result has it, with the step's id, name and status
   */
  record Kept(String owner, String handler, String json) {}

  /**
   * @param max how many are kept
   */
  Receipts(int max) {
    this.max = max;
  }

  void keep(String owner, Outcome outcome) {
    var step = outcome.step();
    var json =
        DocumentWriter.object(
                members -> {
                  members
                      .member("step", step.id().value())
                      .member("handler", step.handler().name())
                      .member(
                          "status", outcome instanceof Outcome.Completed ? "completed" : "failed")
                      .member("started_at", outcome.startedAt().toString())
                      .start("receipt");
                  StepExecutionResult.write(members, outcome.receipt());
                  members.end();
                })
            .text();
    synchronized (this) {
      kept.put(step.id().toString(), new Kept(owner, step.handler().name(), json));
      if (kept.size() > max) {
        kept.remove(kept.keySet().iterator().next());
      }
    }
  }

  synchronized Optional<String> find(String owner, String step) {
    return Optional.ofNullable(kept.get(step))
        .filter(one -> one.owner().equals(owner))
        .map(Kept::json);
  }

  /** The handlers of the steps whose receipts this owner may read, by step. */
  synchronized NavigableMap<String, String> of(String owner) {
    var own = new TreeMap<String, String>();
    kept.forEach(
        (step, one) -> {
          if (one.owner().equals(owner)) {
            own.put(step, one.handler());
          }
        });
    return own;
  }
}
