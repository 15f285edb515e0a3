package org.wasmbroker.demo;

import org.wasmbroker.pgmq.Pgmq;
import org.wasmbroker.pgmq.QueueMessage;
import org.wasmbroker.protocol.standalone.StandaloneConfig;
import org.wasmbroker.step.SafeText;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Looks at what arrives on the results queue and in the dead letters, and tells the tally. */
final class DemoResultReader {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final int BATCH = 500;
  private static final int MAX_MESSAGE_CHARS = 160;

  private final Pgmq pgmq;
  private final StandaloneConfig queues;
  private final DemoTally tally;
  private long lastResult;
  private long lastDeadLetter;

  DemoResultReader(Pgmq pgmq, StandaloneConfig queues, DemoTally tally) {
    this.pgmq = pgmq;
    this.queues = queues;
    this.tally = tally;
  }

  DemoTally tally() {
    return tally;
  }

  /** Takes in what is new; answers how much that was. */
  int poll() {
    int seen = 0;
    for (var message : pgmq.peek(queues.results(), lastResult, BATCH)) {
      lastResult = message.id();
      result(json(message));
      seen++;
    }
    for (var message : pgmq.peek(queues.deadLetters(), lastDeadLetter, BATCH)) {
      lastDeadLetter = message.id();
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

  /** Steps without attempts left have a result as well, which was counted. */
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
