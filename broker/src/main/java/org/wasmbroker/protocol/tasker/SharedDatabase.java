package org.wasmbroker.protocol.tasker;

import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.wasmbroker.pgmq.QueueName;

/** The queues are in Tasker's database: what belongs together is one transaction. */
final class SharedDatabase implements StepQueues {
  private final StepClaims claims;
  private final Completions completions;

  SharedDatabase(StepClaims claims, Completions completions) {
    this.claims = claims;
    this.completions = completions;
  }

  @Override
  public StepClaims.Taken take(QueueName queue, int atMost, UUID batch, Set<UUID> withoutEvents) {
    return claims.claim(queue, atMost, batch, withoutEvents);
  }

  @Override
  public Set<UUID> complete(List<Completion> ends) {
    return completions.write(ends);
  }

  /** The message went along with the result. */
  @Override
  public void completedBefore(List<Completion> ends) {}

  @Override
  public void start() {}

  @Override
  public void close() {}
}
