package org.wasmbroker.protocol.tasker.report;

import java.util.UUID;

/**
 * What tells the orchestrator of a result that was written: which, and never what.
 *
 * @param claim the transition by which the claim is known to the journal
 */
public record ResultMessage(UUID claim, UUID task, UUID step, UUID correlation) {
  public String json() {
    return "{\"task_uuid\":\"%s\",\"step_uuid\":\"%s\",\"correlation_id\":\"%s\"}"
        .formatted(task, step, correlation);
  }
}
