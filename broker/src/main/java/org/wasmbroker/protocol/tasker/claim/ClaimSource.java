package org.wasmbroker.protocol.tasker.claim;

import java.util.Set;
import java.util.UUID;
import org.wasmbroker.pgmq.QueueName;

/** Claims the steps that a queue's messages refer to; how depends on where the queues are. */
public interface ClaimSource {
  /**
   * @param batch identifies this call, so that its steps can be found if the response is lost
   * @param withoutEvents the named tasks whose steps publish no domain events
   */
  StepClaimer.ClaimedBatch claim(
      QueueName queue, int maxMessages, UUID batch, Set<UUID> withoutEvents);
}
