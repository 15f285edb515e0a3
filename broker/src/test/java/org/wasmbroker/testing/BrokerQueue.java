package org.wasmbroker.testing;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.Pgmq;
import org.wasmbroker.protocol.standalone.StandaloneConfig;

/** The queues of a whole broker, seen from a test: it sends messages and counts results. */
public final class BrokerQueue {
  private static final StandaloneConfig QUEUES = StandaloneConfig.DEFAULTS;

  private final TestDatabase database;

  public BrokerQueue(TestDatabase database) {
    this.database = database;
    try (var pool = Database.open(database.config(), "test")) {
      var pgmq = new Pgmq(pool);
      for (var queue : List.of(QUEUES.queue(), QUEUES.results(), QUEUES.deadLetters())) {
        pgmq.createIfMissing(queue);
      }
    }
  }

  /** Sends transform steps with this filter. */
  public void sendTransforms(int count, String filter, Duration timeout) {
    var messages = new ArrayList<String>();
    for (int i = 0; i < count; i++) {
      messages.add(
          """
          {"step_uuid":"%s","handler":"transform","config":{"filter":"%s"},"input":{"n":%d},"timeout_ms":%d}\
          """
              .formatted(UUID.randomUUID(), filter, i, timeout.toMillis()));
    }
    send(messages);
  }

  /** Sends one step of this handler, without a configuration. */
  public void sendStep(String handler, Duration timeout) {
    send(
        List.of(
            "{\"step_uuid\":\"%s\",\"handler\":\"%s\",\"config\":{},\"timeout_ms\":%d}"
                .formatted(UUID.randomUUID(), handler, timeout.toMillis())));
  }

  public void send(List<String> messages) {
    try (var pool = Database.open(database.config(), "test")) {
      new Pgmq(pool).sendBatch(QUEUES.queue(), messages, List.of());
    }
  }

  /** Waits until there are this many results. */
  public void awaitResults(int count) {
    Await.until(count + " results", () -> results() >= count);
  }

  /** Waits until there is a message in the queue for which this holds, in SQL. */
  public void awaitMessage(String condition) {
    await(1, condition);
  }

  /** Waits until so many messages are claimed at the same time. */
  public void awaitClaimed(int count) {
    await(count, "read_ct > 0 and vt > clock_timestamp()");
  }

  private void await(int count, String condition) {
    var sql = "select count(*) from pgmq.q_%s where %s".formatted(QUEUES.queue(), condition);
    Await.until(count + " messages with " + condition, () -> number(sql) >= count);
  }

  /** Makes every message visible, as if the leases of a broker that was killed had expired. */
  public void expireLeases() {
    database.execute("update pgmq.q_%s set vt = clock_timestamp()".formatted(QUEUES.queue()));
  }

  /** How often one of the steps was claimed that are in the queue and no suspect has run of. */
  public int mostClaimsOfAStepThatNeverStarted() {
    return number(
        "select coalesce(max(read_ct), 0) from pgmq.q_%s where headers is null"
            .formatted(QUEUES.queue()));
  }

  /** Steps that failed as {@code poisoned}, but whose starts were never recorded. */
  public int poisonedWithoutStarts() {
    return number(
        """
        select count(*)
        from pgmq.q_%1$s result
        join pgmq.a_%2$s step on step.message ->> 'step_uuid' = result.message ->> 'step_uuid'
        where result.message #>> '{error,error_type}' = 'poisoned'
          and not coalesce((step.headers ->> 'x-wasm-broker-started')::int, 0) >= 2
        """
            .formatted(QUEUES.results(), QUEUES.queue()));
  }

  public int results() {
    return number("select count(*) from pgmq.q_" + QUEUES.results());
  }

  /** Results with this status: {@code completed} or {@code failed}. */
  public int results(String status) {
    return number(
        "select count(*) from pgmq.q_%s where message->>'status' = '%s'"
            .formatted(QUEUES.results(), status));
  }

  /** Steps that have a result: as many as there are results, if each has one. */
  public int stepsWithResults() {
    return number("select count(distinct message->>'step_uuid') from pgmq.q_" + QUEUES.results());
  }

  /**
   * The sum of a number in the results of the completed steps that have it.
   *
   * @param path of the number, as {@code #>>} takes it
   */
  public int sumOfResults(String path) {
    return number(
        "select sum((message->'result' #>> '{%s}')::int) from pgmq.q_%s"
            .formatted(path, QUEUES.results()));
  }

  /** The error types of all failed steps. */
  public List<String> errorTypes() {
    return database
        .query(
            "select message->'error'->>'error_type' from pgmq.q_%s where message->>'status' = 'failed' order by 1"
                .formatted(QUEUES.results()))
        .stream()
        .map(String::valueOf)
        .toList();
  }

  public int queued() {
    return number("select count(*) from pgmq.q_" + QUEUES.queue());
  }

  /** Messages that another worker could claim now. */
  public int visible() {
    return number(
        "select count(*) from pgmq.q_%s where vt <= clock_timestamp()".formatted(QUEUES.queue()));
  }

  public int deadLetters() {
    return number("select count(*) from pgmq.q_" + QUEUES.deadLetters());
  }

  private int number(String sql) {
    return Integer.parseInt(String.valueOf(database.query(sql).getFirst()));
  }
}
