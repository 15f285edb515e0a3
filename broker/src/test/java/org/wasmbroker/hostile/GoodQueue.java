package org.wasmbroker.hostile;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.dispatch.Dispatcher;
import org.wasmbroker.intake.IntakeConfig;
import org.wasmbroker.intake.QueuePoller;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.Pgmq;
import org.wasmbroker.protocol.WorkerIdentity;
import org.wasmbroker.protocol.standalone.StandaloneConfig;
import org.wasmbroker.protocol.standalone.StandaloneProtocol;
import org.wasmbroker.report.CompletionReporter;
import org.wasmbroker.report.OutcomeReporter;
import org.wasmbroker.report.ReportConfig;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.ReportEvent;
import org.wasmbroker.testing.TestDatabase;

/**
 * Good steps as an operator sees them: they arrive on a queue in Postgres, and their results are
 * sent to another one. Used by one thread.
 */
final class GoodQueue implements AutoCloseable {
  static final String HANDLER = "transform";
  static final String FILTER = "{sum: (.context.items | map(.price * .quantity) | add)}";
  static final String INPUT =
      "{\"items\":[%s]}"
          .formatted("{\"price\":3,\"quantity\":2},".repeat(20) + "{\"price\":1,\"quantity\":1}");

  private static final StandaloneConfig QUEUES = StandaloneConfig.DEFAULTS;
  private static final Duration MAX_WAIT = Duration.ofMinutes(1);

  private final Semaphore reported = new Semaphore(0);
  private final EventSink events =
      event -> {
        if (event instanceof ReportEvent.Written(int count, _, _)) {
          reported.release(count);
        }
      };
  private final TestDatabase server = TestDatabase.create();
  private final Database broker = Database.open(server.brokerConfig(), "broker");
  private final Database sender = Database.open(server.config(), "sender");
  private final Pgmq pgmq = new Pgmq(sender);
  private final StandaloneProtocol protocol =
      new StandaloneProtocol(
          broker, QUEUES, new WorkerIdentity("security-table", "localhost"), events);
  private final CompletionReporter reporter =
      new CompletionReporter(ReportConfig.DEFAULTS, protocol, TimeSource.SYSTEM, () -> 0.5, events);
  private @Nullable QueuePoller poller;

  /** Where the outcomes of its steps go. */
  OutcomeReporter reports() {
    return reporter;
  }

  /** Lets a dispatcher run its steps. */
  void serve(Dispatcher dispatcher) {
    protocol.prepare();
    reporter.start();
    poller =
        new QueuePoller(
            IntakeConfig.DEFAULTS, protocol, dispatcher, TimeSource.SYSTEM, () -> 0.5, events);
    poller.start();
  }

  /**
   * Sends steps at a fixed rate, whether or not earlier ones have ended, and waits for all.
   *
   * @return the 99th percentile of the milliseconds from a step's arrival on the queue to its
   *     result's on the other, both by the clock of Postgres
   */
  double turn(int steps, Duration interval) throws InterruptedException {
    long began = System.nanoTime();
    for (int i = 0; i < steps; i++) {
      awaitNanos(began + i * interval.toNanos());
      pgmq.sendBatch(QUEUES.queue(), List.of(message()), List.of());
    }
    if (!reported.tryAcquire(steps, MAX_WAIT.toSeconds(), TimeUnit.SECONDS)) {
      throw new IllegalStateException("not all good steps ended within " + MAX_WAIT);
    }
    var latency = number("percentile_disc(0.99) within group (order by took)");
    if (number("count(*) filter (where success)") != steps) {
      throw new IllegalStateException("a good step failed");
    }
    server.execute(
        "truncate pgmq.q_%1$s, pgmq.a_%1$s, pgmq.q_%2$s"
            .formatted(QUEUES.queue(), QUEUES.results()));
    return latency;
  }

  private double number(String aggregate) {
    var sql =
        """
        select %s from (
          select 1000 * extract(epoch from result.enqueued_at - step.enqueued_at) as took,
                 (result.message->>'success')::boolean as success
          from pgmq.q_%s result
          join pgmq.a_%s step on step.message->>'step_uuid' = result.message->>'step_uuid') ended
        """
            .formatted(aggregate, QUEUES.results(), QUEUES.queue());
    return Double.parseDouble(String.valueOf(server.query(sql).getFirst()));
  }

  private static String message() {
    return """
    {"step_uuid":"%s","handler":"%s","config":{"filter":"%s"},"input":%s}\
    """
        .formatted(UUID.randomUUID(), HANDLER, FILTER, INPUT);
  }

  static void awaitNanos(long when) {
    for (long left = when - System.nanoTime(); left > 0; left = when - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  @Override
  public void close() {
    if (poller != null) {
      poller.close();
    }
    reporter.close();
    protocol.close();
    sender.close();
    broker.close();
    server.close();
  }
}
