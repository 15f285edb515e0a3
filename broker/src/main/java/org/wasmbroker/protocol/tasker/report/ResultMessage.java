package org.wasmbroker.protocol.tasker.report;

import java.util.UUID;

/**
 * Notifies the orchestrator that a step has a result, without the result itself.
 *
 * @param claim the transition that identifies the claim in the journal
 */
public record ResultMessage(UUID claim, UUID task, UUID step, UUID correlation) {
  public String json() {
    return "{\"task_uuid\":\"%s\",\"step_uuid\":\"%s\",\"correlation_id\":\"%s\"}"
        .formatted(task, step, correlation);
  }
}
