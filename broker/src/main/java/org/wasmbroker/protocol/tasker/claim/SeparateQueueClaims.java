package org.wasmbroker.protocol.tasker.claim;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.concurrent.OutageLog;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.Pgmq;
import org.wasmbroker.pgmq.QueueName;
import org.wasmbroker.pgmq.SqlFailure;
import org.wasmbroker.protocol.tasker.claim.StepMessages.StepMessage;

/**
 * Claims steps whose messages are in a separate database, with which no transaction can be shared.
 * A message is read, its step is claimed, and only then is the message archived: one that stays in
 * the queue is read again, claims nothing the second time, and is archived then.
 */
public final class SeparateQueueClaims implements ClaimSource {
  private static final Logger log = LoggerFactory.getLogger(SeparateQueueClaims.class);

  private final StepClaimer claims;
  private final StepMessages source;
  private final Pgmq queues;
  private final Duration visibility;
  private final OutageLog archiveOutage =
      new OutageLog(
          log,
          "messages of claimed steps cannot be archived",
          "messages of claimed steps can be archived again");

  /**
   * @param queueDatabase where the queues are
   * @param visibility how long a message that was read stays invisible to other workers
   */
  public SeparateQueueClaims(StepClaimer claims, Database queueDatabase, Duration visibility) {
    this.claims = claims;
    this.source = new StepMessages(queueDatabase);
    this.queues = new Pgmq(queueDatabase);
    this.visibility = visibility;
  }

  @Override
  public StepClaimer.ClaimedBatch claim(
      QueueName queue, int maxMessages, UUID batch, Set<UUID> withoutEvents) {
    var messages = source.read(queue, visibility, maxMessages);
    var steps = new LinkedHashMap<Long, UUID>();
    var unreadable = new ArrayList<String>();
    for (var message : messages) {
      if (message.step() == null) {
        unreadable.add(message.shown() == null ? "null" : message.shown());
      } else {
        steps.put(message.id(), message.step());
      }
    }
    var rows =
        steps.isEmpty() ? List.<ClaimedRow>of() : claims.claim(steps, batch, withoutEvents).steps();
    if (!messages.isEmpty()) {
      archive(queue, messages);
    }
    return new StepClaimer.ClaimedBatch(
        withMessageTimes(rows, messages), messages.size(), unreadable);
  }

  /** Messages that are not archived now are read again, and archived then. */
  private void archive(QueueName queue, List<StepMessage> messages) {
    try {
      queues.archive(queue, messages.stream().map(StepMessage::id).toList());
      archiveOutage.succeeded();
    } catch (RuntimeException failure) {
      archiveOutage.failed(SqlFailure.severityOf(failure), failure);
    }
  }

  private static List<ClaimedRow> withMessageTimes(
      List<ClaimedRow> rows, List<StepMessage> messages) {
    Map<Long, StepMessage> byId =
        messages.stream().collect(Collectors.toMap(StepMessage::id, message -> message));
    var answer = new ArrayList<ClaimedRow>(rows.size());
    for (var row : rows) {
      var message = byId.get(row.messageId());
      answer.add(message == null ? row : row.withReadyAt(message.enqueuedAt()));
    }
    return answer;
  }
}
