package org.wasmbroker.demo;

import org.wasmbroker.pgmq.Pgmq;
import org.wasmbroker.pgmq.QueueMessage;
import org.wasmbroker.pgmq.QueueTail;
import org.wasmbroker.protocol.standalone.StandaloneConfig;
import org.wasmbroker.step.SafeText;
import org.wasmbroker.step.TimeSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads the results and dead letters as they arrive and adds them to the tally. */
final class DemoResultReader {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final int BATCH = 500;
  private static final int MAX_MESSAGE_CHARS = 160;

  private final QueueTail results;
  private final QueueTail deadLetters;
  private final DemoTally tally;

  DemoResultReader(Pgmq pgmq, StandaloneConfig queues, DemoTally tally) {
    this.results = new QueueTail(pgmq, queues.results(), TimeSource.SYSTEM);
    this.deadLetters = new QueueTail(pgmq, queues.deadLetters(), TimeSource.SYSTEM);
    this.tally = tally;
  }

  DemoTally tally() {
    return tally;
  }

  /** Reads what is new; returns the number of messages. */
  int poll() {
    int seen = 0;
    for (var message : results.next(BATCH)) {
      result(json(message));
      seen++;
    }
    for (var message : deadLetters.next(BATCH)) {
      deadLetter(json(message));
      seen++;
    }
    return seen;
  }

  private void result(JsonNode result) {
    var stepId = result.path("step_uuid").asString("");
    if (result.path("success").asBoolean(false)) {
      tally.completed(stepId);
    } else {
      var error = result.path("error");
      tally.failed(
          stepId,
          error.path("error_type").asString("none"),
          SafeText.sanitize(error.path("message").asString(""), MAX_MESSAGE_CHARS));
    }
  }

  /** Steps without attempts left also have a result, which has been counted. */
  private void deadLetter(JsonNode letter) {
    if (!letter.path("message").path("step_uuid").isString()) {
      tally.rejected(SafeText.sanitize(letter.path("detail").asString(""), MAX_MESSAGE_CHARS));
    }
  }

  private static JsonNode json(QueueMessage message) {
    var document = message.message();
    return JSON.readTree(document == null ? new byte[] {'{', '}'} : document.bytes());
  }
}
