package org.wasmbroker.mcp;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.SafeText;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Messages of JSON-RPC 2.0: read strictly, each member once, and made. Numbers keep their digits.
 */
final class JsonRpc {
  static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private static final int MAX_DEPTH = 200;
  private static final int MAX_TEXT = 200;
  private static final String VERSION = "2.0";

  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
                  .build())
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private JsonRpc() {}

  /** Reads one message. */
  static Message read(byte[] bytes) {
    JsonNode node;
    try {
      node = JSON.readTree(bytes);
    } catch (JacksonException invalid) {
      return malformed(
          NODES.nullNode(),
          RpcException.PARSE_ERROR,
          "no JSON: " + SafeText.sanitize(invalid.getOriginalMessage(), MAX_TEXT));
    }
    return node instanceof ObjectNode object
        ? read(object)
        : malformed(
            NODES.nullNode(),
            RpcException.INVALID_REQUEST,
            node.isArray()
                ? "batches are not served: send one message at a time"
                : "a message is a JSON object");
  }

  private static Message read(ObjectNode message) {
    var id = message.get("id");
    boolean usable = id != null && (id.isString() || id.isIntegralNumber());
    var known = usable ? id : NODES.nullNode();
    if (!message.path("jsonrpc").asString("").equals(VERSION)) {
      return malformed(known, RpcException.INVALID_REQUEST, "jsonrpc must be \"2.0\"");
    }
    if (id != null && !usable) {
      return malformed(
          known, RpcException.INVALID_REQUEST, "the id must be a string or an integer");
    }
    if (!message.has("method")) {
      return id != null && (message.has("result") || message.has("error"))
          ? new Message.Response()
          : malformed(known, RpcException.INVALID_REQUEST, "there is no method");
    }
    var method = message.get("method");
    if (!method.isString()) {
      return malformed(known, RpcException.INVALID_REQUEST, "the method must be a string");
    }
    var params = message.has("params") ? message.get("params") : NODES.objectNode();
    if (!(params instanceof ObjectNode named)) {
      return malformed(known, RpcException.INVALID_PARAMS, "params must be an object");
    }
    return id == null
        ? new Message.Notification(method.stringValue(), named)
        : new Message.Request(id, method.stringValue(), named);
  }

  private static Message malformed(JsonNode id, int code, String text) {
    return new Message.Malformed(id, new RpcException(code, text));
  }

  /** The bytes of a message, in one line. */
  static byte[] write(ObjectNode message) {
    return JSON.writeValueAsBytes(message);
  }

  /** Any value as bytes. */
  static byte[] bytes(JsonNode value) {
    return JSON.writeValueAsBytes(value);
  }

  static JsonNode tree(String text) {
    return JSON.readTree(text);
  }

  static ObjectNode result(JsonNode id, ObjectNode result) {
    var message = NODES.objectNode().put("jsonrpc", VERSION);
    message.set("id", id);
    message.set("result", result);
    return message;
  }

  static ObjectNode error(JsonNode id, RpcException problem) {
    var message = NODES.objectNode().put("jsonrpc", VERSION);
    message.set("id", id);
    var error = message.putObject("error").put("code", problem.code());
    error.put("message", problem.text());
    if (problem.data() != null) {
      error.set("data", problem.data());
    }
    return message;
  }

  static ObjectNode notification(String method, @Nullable ObjectNode params) {
    var message = NODES.objectNode().put("jsonrpc", VERSION).put("method", method);
    if (params != null) {
      message.set("params", params);
    }
    return message;
  }
}
