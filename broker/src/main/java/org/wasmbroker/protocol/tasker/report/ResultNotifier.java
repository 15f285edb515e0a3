package org.wasmbroker.protocol.tasker.report;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.concurrent.OutageLog;
import org.wasmbroker.concurrent.TaskLoop;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.SqlArrays;
import org.wasmbroker.pgmq.SqlFailure;
import org.wasmbroker.step.Backoff;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.TaskerEvent;

/**
 * Notifies the orchestrator of results that were committed in another database than that of its
 * queues. Messages that cannot be sent are retained and resent by a thread of its own for as long
 * as it takes: a step whose message is missing never proceeds.
 *
 * <p>With a journal, a claim stays there until its message is sent: if this worker dies first, the
 * worker that recovers its claims takes the messages over. Without one they are lost with this
 * process. Sending a message twice has no effect. There are never more messages than steps of this
 * worker.
 */
public final class ResultNotifier implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ResultNotifier.class);
  private static final Duration CLOSE_BUDGET = Duration.ofSeconds(2);
  private static final int BATCH_SIZE = 500;
  private static final Duration IDLE_INTERVAL = Duration.ofMinutes(1);

  private final Database queueDatabase;
  private final @Nullable Database journal;
  private final EventSink events;
  private final Backoff backoff = new Backoff(Duration.ofMillis(200), Duration.ofSeconds(10));
  private final TaskLoop loop = new TaskLoop("result-sender", this::resendOnce);
  private final OutageLog outage =
      new OutageLog(
          log,
          "the orchestrator cannot be notified of results, which are kept",
          "the orchestrator can be notified of results again");
  private final ReentrantLock lock = new ReentrantLock();

  // Guarded by the lock.
  private final Deque<ResultMessage> unsent = new ArrayDeque<>();
  private final Deque<ResultMessage> pendingRemoval = new ArrayDeque<>();

  private int failures; // of the loop's thread, and of close() after it

  /**
   * @param queueDatabase where the queues are, and Tasker's functions for them
   * @param journal the database with the broker's own tables, or null if there are none
   */
  public ResultNotifier(Database queueDatabase, @Nullable Database journal, EventSink events) {
    this.queueDatabase = queueDatabase;
    this.journal = journal;
    this.events = events;
  }

  public void start() {
    loop.start();
  }

  /** Sends immediately, or as soon as possible. */
  public void send(List<ResultMessage> messages) {
    if (messages.isEmpty()) {
      return;
    }
    try {
      deliver(messages);
      outage.succeeded();
    } catch (SqlFailure failure) {
      outage.failed(SqlFailure.severityOf(failure), failure);
      loop.wake();
    }
  }

  /** Sends later, on this object's own thread. */
  public void enqueue(List<ResultMessage> messages) {
    retain(unsent, messages);
    loop.wake();
  }

  /** Sends one batch; returns how long to wait until the next. */
  public Duration resendOnce() {
    var again = pollBatch(unsent);
    try {
      if (!again.isEmpty()) {
        deliver(again);
        events.on(new TaskerEvent.ResultsResent(again.size()));
        log.atDebug()
            .addKeyValue("results", again.size())
            .log("the orchestrator was notified of results written earlier");
        outage.succeeded();
      }
      removeFromJournal(pollBatch(pendingRemoval));
      failures = 0;
      return isEmpty() ? IDLE_INTERVAL : Duration.ZERO;
    } catch (SqlFailure failure) {
      failures++;
      outage.failed(SqlFailure.severityOf(failure), failure);
      return backoff.delay(failures, ThreadLocalRandom.current().nextDouble());
    }
  }

  private void deliver(List<ResultMessage> messages) {
    try {
      queueDatabase.call(
          "send result messages",
          connection -> {
            ResultMessages.send(queueDatabase, connection, messages);
            return messages;
          });
    } catch (SqlFailure failure) {
      retain(unsent, messages);
      throw failure;
    }
    removeFromJournal(messages);
  }

  private void removeFromJournal(List<ResultMessage> messages) {
    if (journal == null || messages.isEmpty()) {
      return;
    }
    var claims = messages.stream().map(ResultMessage::claim).toList();
    try {
      journal.call(
          "remove claims from the journal",
          connection -> {
            try (var statement = journal.prepare(connection, TaskerCompletionSql.deleteClaims())) {
              statement.setArray(1, SqlArrays.uuids(connection, claims));
              return statement.execute();
            }
          });
    } catch (SqlFailure failure) {
      retain(pendingRemoval, messages);
      throw failure;
    }
  }

  private void retain(Deque<ResultMessage> where, List<ResultMessage> messages) {
    lock.lock();
    try {
      where.addAll(messages);
    } finally {
      lock.unlock();
    }
  }

  private List<ResultMessage> pollBatch(Deque<ResultMessage> where) {
    lock.lock();
    try {
      var batch = new ArrayList<ResultMessage>();
      while (batch.size() < BATCH_SIZE && !where.isEmpty()) {
        batch.add(where.removeFirst());
      }
      return batch;
    } finally {
      lock.unlock();
    }
  }

  private boolean isEmpty() {
    lock.lock();
    try {
      return unsent.isEmpty() && pendingRemoval.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /** Makes a last attempt, and logs what could not be sent. */
  @Override
  public void close() {
    if (!loop.close(CLOSE_BUDGET)) {
      log.warn("results are still being sent to the orchestrator");
    }
    while (!isEmpty() && resendOnce().isZero()) {}
    lock.lock();
    try {
      if (journal != null && !unsent.isEmpty()) {
        log.atWarn()
            .addKeyValue("results", unsent.size())
            .log("results are written; another worker will notify the orchestrator of them");
      } else {
        unsent.forEach(ResultNotifier::logLost);
      }
      unsent.clear();
    } finally {
      lock.unlock();
    }
  }

  /** Every one: someone has to see to these steps. */
  private static void logLost(ResultMessage message) {
    log.atError()
        .addKeyValue("step", message.step())
        .addKeyValue("task", message.task())
        .log("a result is written, but the orchestrator was never notified of it");
  }
}
