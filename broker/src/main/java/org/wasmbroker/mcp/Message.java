package org.wasmbroker.mcp;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** One message from a client, as far as it can be understood. */
sealed interface Message {
  /**
   * Has to be answered.
   *
   * @param id a string or an integer
   * @param params empty if there are none
   */
  record Request(JsonNode id, String method, ObjectNode params) implements Message {}

  /** Is not answered. */
  record Notification(String method, ObjectNode params) implements Message {}

  /** A client's answer; nothing is ever asked of a client. */
  record Response() implements Message {}

  /**
   * No message.
   *
   * @param id of the request if it has one that can be read, else a JSON null
   */
  record Malformed(JsonNode id, RpcException problem) implements Message {}
}
