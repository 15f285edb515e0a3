package org.wasmbroker.protocol.tasker;

import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.wasmbroker.pgmq.QueueName;

/** How claims and completions go along with messages: that depends on where the queues are. */
interface StepQueues extends AutoCloseable {
  /**
   * Reads messages and takes their steps over.
   *
   * @param batch names this call, so that its steps can be found when the answer is lost
   * @param withoutEvents the named tasks for which no domain event is to be prepared
   */
  StepClaimer.ClaimedBatch claim(
      QueueName queue, int maxMessages, UUID batch, Set<UUID> withoutEvents);

  /** Writes results and tells the orchestrator; answers the transitions of those still held. */
  Set<UUID> complete(List<Completion> completions);

  /** These were completed by an earlier call, whose answer was lost. */
  void alreadyCompleted(List<Completion> completions);

  void start();

  @Override
  void close();
}
