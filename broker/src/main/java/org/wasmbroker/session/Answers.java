package org.wasmbroker.session;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.function.Consumer;
import org.wasmbroker.protocol.DocumentWriter;
import org.wasmbroker.protocol.StepExecutionResult;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.StepError;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.util.RawValue;

/** Writes answers, each in a line. Thread-safe. */
final class Answers {
  private static final JsonMapper JSON = new JsonMapper();

  private final OutputStream out; // guarded by itself

  /** The client reads no more. */
  static final class ClientGoneException extends RuntimeException {
    private static final long serialVersionUID = 1;

    ClientGoneException(IOException cause) {
      super(cause);
    }
  }

  Answers(OutputStream out) {
    this.out = out;
  }

  /** One that begins with the request's id and a type. */
  static ObjectNode begin(JsonNode id, String type) {
    var answer = JsonNodeFactory.instance.objectNode();
    answer.set("id", id);
    return answer.put("type", type);
  }

  static ObjectNode error(JsonNode id, SessionException problem) {
    var answer = begin(id, "error");
    answer
        .putObject("error")
        .put("type", problem.type())
        .put("message", problem.getMessage())
        .put("advice", problem.advice());
    return answer;
  }

  /** What was run, each with its receipt or its error. */
  static void putReports(ObjectNode answer, List<CommandReport> reports) {
    var all = answer.putArray("commands");
    for (var report : reports) {
      var one = all.addObject().put("name", report.name()).put("exit_code", report.exitCode());
      var outcome = report.outcome();
      if (outcome == null) {
        continue;
      }
      switch (outcome) {
        case Outcome.Completed _ -> {}
        case Outcome.Failed failed -> putError(one, failed.error());
        case Outcome.Retry retry -> putError(one, retry.error());
      }
      put(one, "receipt", json -> StepExecutionResult.write(json, outcome.receipt()));
    }
  }

  /** As in a queue's result. */
  private static void putError(ObjectNode command, StepError error) {
    put(command, "error", json -> StepExecutionResult.write(json, error));
    if (error.code() != null) {
      command.put("error_code", error.code());
    }
  }

  private static void put(ObjectNode command, String name, Consumer<DocumentWriter> members) {
    command.putRawValue(name, new RawValue(DocumentWriter.object(members).text()));
  }

  /**
   * Writes an answer.
   *
   * @throws ClientGoneException if nobody reads it
   */
  void write(ObjectNode answer) {
    var bytes = JSON.writeValueAsBytes(answer);
    try {
      synchronized (out) {
        out.write(bytes);
        out.write('\n');
        out.flush();
      }
    } catch (IOException closed) {
      throw new ClientGoneException(closed);
    }
  }
}
