package org.wasmbroker.protocol.tasker.claim;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.Attempt;
import org.wasmbroker.step.Document;
import tools.jackson.core.io.JsonStringEncoder;

/**
 * Composes from Tasker's rows the document that a guest reads (docs/guest-abi.md), and the one that
 * Tasker's own workers pass to their handlers, which domain events carry.
 */
public final class StepDocuments {
  private static final String NONE = "null";
  private static final String EMPTY = "{}";

  private StepDocuments() {}

  static Document step(ClaimedRow row, PreparedStep prepared, Attempt attempt, long timeoutMillis) {
    var config = prepared.configuration().apply(row.inputs());
    var context = row.context() == null ? EMPTY : row.context();
    var text = new StringBuilder(config.length() + context.length() + 700);
    text.append("{\"step\":{\"step_uuid\":\"").append(row.step());
    text.append("\",\"task_uuid\":\"").append(row.task());
    text.append("\",\"correlation_id\":\"").append(row.correlation());
    text.append("\",\"name\":").append(quote(row.name()));
    text.append(",\"handler\":\"").append(prepared.handler().name());
    text.append("\",\"attempt\":").append(attempt.number());
    text.append(",\"max_attempts\":").append(attempt.max());
    text.append(",\"deadline_ms\":").append(timeoutMillis);
    text.append(",\"inputs\":").append(row.inputs() == null ? EMPTY : row.inputs());
    text.append("},\"task\":{\"name\":").append(quote(row.taskName()));
    text.append(",\"namespace\":").append(quote(row.namespace()));
    text.append(",\"version\":").append(quote(row.taskVersion()));
    text.append("},\"config\":").append(config);
    text.append(",\"context\":").append(context);
    text.append(",\"deps\":").append(row.ancestorResults() == null ? EMPTY : row.ancestorResults());
    text.append(",\"prev\":null,\"checkpoint\":")
        .append(row.checkpoint() == null ? NONE : row.checkpoint());
    return Document.of(text.append('}').toString());
  }

  /** The offset of the checkpoint, the last member of a step document, in bytes. */
  static int checkpointOffset(Document document, @Nullable String checkpoint) {
    var last = checkpoint == null ? NONE : checkpoint;
    return document.size() - last.getBytes(StandardCharsets.UTF_8).length - 1;
  }

  /** The step document with another checkpoint. */
  public static Document withCheckpoint(Document document, int checkpointAt, String checkpoint) {
    var last = (checkpoint + "}").getBytes(StandardCharsets.UTF_8);
    var bytes = Arrays.copyOf(document.bytes(), checkpointAt + last.length);
    System.arraycopy(last, 0, bytes, checkpointAt, last.length);
    return Document.of(bytes);
  }

  /** Tasker's TaskSequenceStep; null if the row was selected without the data for it. */
  static @Nullable Document taskSequenceStep(ClaimedRow row, PreparedStep prepared) {
    var sequence = row.sequenceRows();
    if (sequence == null) {
      return null;
    }
    var results = sequence.dependencyResults();
    return Document.of(
        """
        {"task":{"task":%s,"task_name":%s,"task_version":%s,"namespace_name":%s},\
        "workflow_step":%s,"dependency_results":%s,"step_definition":%s}"""
            .formatted(
                sequence.task(),
                quote(row.taskName()),
                quote(row.taskVersion()),
                quote(row.namespace()),
                sequence.step(),
                results == null ? EMPTY : results,
                prepared.definitionJson()));
  }

  static String quote(String text) {
    return '"' + new String(JsonStringEncoder.getInstance().quoteAsCharArray(text)) + '"';
  }
}
