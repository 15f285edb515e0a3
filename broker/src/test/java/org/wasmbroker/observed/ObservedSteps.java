package org.wasmbroker.observed;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.Pgmq;
import org.wasmbroker.protocol.standalone.StandaloneConfig;

/** The messages of the run: what is sent in each round, of each kind of end. */
final class ObservedSteps {
  private final Pgmq pgmq;
  private final List<String> batch = new ArrayList<>();
  private final String shop;

  ObservedSteps(Database database, String shop) {
    this.pgmq = new Pgmq(database);
    this.shop = shop;
  }

  /** Sends what was added since the last time. */
  void send() {
    pgmq.sendBatch(
        StandaloneConfig.DEFAULTS.queue(),
        batch,
        batch.stream().map(_ -> "{\"traceparent\":\"" + traceparent() + "\"}").toList());
    batch.clear();
  }

  /** Sampled, so that it becomes an exemplar. */
  private static String traceparent() {
    return "00-%s-%s-01".formatted(hex() + hex(), hex());
  }

  private static String hex() {
    return "%016x".formatted(UUID.randomUUID().getMostSignificantBits());
  }

  /** Steps of some kinds of work, from microseconds to milliseconds. */
  void good(int count) {
    for (int i = 0; i < count; i++) {
      transform("[range(%d)] | add".formatted(10 * (1 + i % 40)), 10_000, 3);
    }
  }

  /** Steps that keep a slot for some tens of milliseconds. */
  void heavy(int count) {
    for (int i = 0; i < count; i++) {
      transform("reduce range(60000) as $i (0; . + $i)", 30_000, 3);
    }
  }

  /** A filter error, an endless loop, a memory hog, an unknown handler. */
  void failing() {
    transform(".n.m", 10_000, 1);
    transform("last(repeat(1))", 100, 2);
    transform("[range(infinite)]", 10_000, 1);
    batch.add("{\"step_uuid\":\"%s\",\"handler\":\"transmogrify\"}".formatted(UUID.randomUUID()));
  }

  void invalid() {
    batch.add("\"not a step\"");
  }

  /** Steps of a handler; the ids of every tenth begin with f. */
  void ofHandler(String handler, int count) {
    for (int i = 0; i < count; i++) {
      var id = (i % 10 == 9 ? "f" : "0") + UUID.randomUUID().toString().substring(1);
      batch.add(
          "{\"step_uuid\":\"%s\",\"handler\":\"%s\",\"max_attempts\":1}".formatted(id, handler));
    }
  }

  /**
   * Requests that succeed, with a secret; one that the server refuses, and one by an audit rule.
   */
  void requests(int count) {
    for (int i = 0; i < count; i++) {
      request("GET", shop + "/", "${secrets.%s}".formatted(ObservedFiles.SECRET), 1);
    }
    request("GET", shop + "/busy", "none", 2);
    request("POST", shop + "/", "none", 1);
  }

  /** A destination that is not granted, and a secret that is not. */
  void refusedRequests() {
    request("GET", "http://elsewhere.example/", "none", 1);
    request("GET", shop + "/", "${secrets.OTHER_KEY}", 1);
  }

  /** A request that is not answered until the run lets the server answer. */
  void slowRequest() {
    request("GET", shop + "/slow", "none", 3);
  }

  private void transform(String filter, int timeoutMillis, int attempts) {
    batch.add(
        """
        {"step_uuid":"%s","handler":"transform","config":{"filter":"%s"},"input":{"n":%d},"timeout_ms":%d,"max_attempts":%d}\
        """
            .formatted(UUID.randomUUID(), filter, batch.size(), timeoutMillis, attempts));
  }

  private void request(String method, String url, String key, int attempts) {
    batch.add(
        """
        {"step_uuid":"%s","handler":"http_request","max_attempts":%d,"input":{},
         "config":{"method":"%s","url":"%s","headers":{"x-key":"%s"}}}\
        """
            .formatted(UUID.randomUUID(), attempts, method, url, key));
  }
}
