package org.wasmbroker.protocol.tasker;

import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.wasmbroker.pgmq.QueueName;

/** The queues are in Tasker's database: what belongs together is one transaction. */
final class SharedDatabaseQueues implements StepQueues {
  private final StepClaimer claims;
  private final CompletionWriter completions;

  SharedDatabaseQueues(StepClaimer claims, CompletionWriter completions) {
    this.claims = claims;
    this.completions = completions;
  }

  @Override
  public StepClaimer.ClaimedBatch claim(
      QueueName queue, int maxMessages, UUID batch, Set<UUID> withoutEvents) {
    return claims.claim(queue, maxMessages, batch, withoutEvents);
  }

  @Override
  public Set<UUID> complete(List<Completion> ends) {
    return completions.write(ends);
  }

  /** The message went along with the result. */
  @Override
  public void alreadyCompleted(List<Completion> ends) {}

  @Override
  public void start() {}

  @Override
  public void close() {}
}
