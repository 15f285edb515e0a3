package org.wasmbroker.mcp;

import org.wasmbroker.protocol.StepExecutionResult;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Outcome;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.util.RawValue;

/** Results of tools, as the protocol has them. */
final class ToolResults {
  private ToolResults() {}

  /**
   * A step's outcome: its result as structured content and as text, or its error as the document
   * that a queue would get.
   *
   * @param era in the older one, only objects are structured content
   */
  static ObjectNode of(Outcome outcome, Era era) {
    return switch (outcome) {
      case Outcome.Completed(var _, var result, var _, var _) -> completed(result, era);
      case Outcome.Failed _, Outcome.Retry _ -> problem(StepExecutionResult.summary(outcome));
    };
  }

  private static ObjectNode completed(Document value, Era era) {
    var text = oneLine(value.text());
    var result = text(text);
    if (era == Era.STATELESS || text.stripLeading().startsWith("{")) {
      result.set("structuredContent", JsonRpc.NODES.rawValueNode(new RawValue(text)));
    }
    return result;
  }

  /** A line break can only be between two tokens: in a string, it is escaped. */
  private static String oneLine(String json) {
    return json.replace('\n', ' ').replace('\r', ' ');
  }

  static ObjectNode structured(JsonNode value) {
    var result = text(value.toString());
    result.set("structuredContent", value);
    return result;
  }

  /** A tool error: for the model to see. */
  static ObjectNode problem(String text) {
    return text(text).put("isError", true);
  }

  private static ObjectNode text(String text) {
    var result = JsonRpc.NODES.objectNode();
    result.putArray("content").addObject().put("type", "text").put("text", text);
    return result;
  }
}
