package org.wasmbroker.testing;

import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;

/** Dead letters as a broker writes them, and the queues that they come from and go to. */
public final class Letters {
  public static final String DIGEST = "sha256:" + "4f".repeat(32);

  private final TestDatabase database;

  public Letters(TestDatabase database) {
    this.database = database;
  }

  /** The message of a step. */
  public static String message(UUID step, String handler) {
    return "{\"step_uuid\":\"%s\",\"handler\":\"%s\",\"input\":{\"n\":1}}".formatted(step, handler);
  }

  /** A letter of a step that ran and failed. */
  public static String exhausted(UUID step, String handler, String errorType, String version) {
    return """
    {"reason":"exhausted","detail":"all 3 attempts failed","attempts":3,
     "last_error":{"message":"it failed","error_type":"%s","backtrace":null,"retryable":true},
     "receipt":{"handler":"%s","version":"%s","digest":"%s","execution_ns":81000,
       "memory_high_water_bytes":2097152,"bytes_in":100,"bytes_out":0},
     "worker_id":"worker-1","queue":"catalog_queue","msg_id":17,"read_ct":3,
     "enqueued_at":"2026-01-02T03:04:05.000000Z","dead_lettered_at":"2026-01-02T03:05:00.000000Z",
     "message":%s}\
    """
        .formatted(errorType, handler, version, DIGEST, message(step, handler));
  }

  /** A letter of a message that is no step. */
  public static String invalid(String message) {
    return """
    {"reason":"invalid","detail":"something is wrong","attempts":0,"last_error":null,"receipt":null,
     "worker_id":"worker-1","queue":"catalog_queue","msg_id":18,"read_ct":1,
     "enqueued_at":"2026-01-02T03:04:05.000000Z","dead_lettered_at":"2026-01-02T03:05:00.000000Z",
     "message":%s}\
    """
        .formatted(message);
  }

  /** Adds a letter; returns its id. */
  public long add(String letter) {
    return add(letter, "null");
  }

  /**
   * Adds a letter; returns its id.
   *
   * @param headers JSON, or {@code null} for none
   */
  public long add(String letter, String headers) {
    return Long.parseLong(
        String.valueOf(
            database
                .query(
                    "select pgmq.send('catalog_queue_dlq', $letter$%s$letter$::jsonb, %s)"
                        .formatted(
                            letter,
                            headers.equals("null")
                                ? "null::jsonb"
                                : "$headers$%s$headers$::jsonb".formatted(headers)))
                .getFirst()));
  }

  /** Adds letters of different steps of {@code transform}. */
  public List<Long> addExhausted(int count, String errorType) {
    return IntStream.range(0, count)
        .mapToObj(i -> add(exhausted(UUID.randomUUID(), "transform", errorType, "1.0.0")))
        .toList();
  }

  public int inQueue() {
    return number("select count(*) from pgmq.q_catalog_queue");
  }

  /** Different steps in the queue. */
  public int stepsInQueue() {
    return number("select count(distinct message ->> 'step_uuid') from pgmq.q_catalog_queue");
  }

  public int dead() {
    return number("select count(*) from pgmq.q_catalog_queue_dlq");
  }

  public int archived() {
    return number("select count(*) from pgmq.a_catalog_queue_dlq");
  }

  private int number(String sql) {
    return Integer.parseInt(String.valueOf(database.query(sql).getFirst()));
  }
}
