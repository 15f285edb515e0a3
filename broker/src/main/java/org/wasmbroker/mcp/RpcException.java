package org.wasmbroker.mcp;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A protocol error: the answer to a request that could not be served as such. */
final class RpcException extends RuntimeException {
  private static final long serialVersionUID = 1;

  static final int PARSE_ERROR = -32700;
  static final int INVALID_REQUEST = -32600;
  static final int METHOD_NOT_FOUND = -32601;
  static final int INVALID_PARAMS = -32602;
  static final int INTERNAL_ERROR = -32603;

  /** Too much at once; a later attempt may be served. */
  static final int BUSY = -32000;

  /** Of the era with sessions. */
  static final int RESOURCE_NOT_FOUND = -32002;

  /** The headers say something else than the message. */
  static final int HEADER_MISMATCH = -32020;

  static final int UNSUPPORTED_VERSION = -32022;

  private final int code;
  private final transient @Nullable JsonNode data;

  RpcException(int code, String message) {
    this(code, message, null);
  }

  /**
   * @param message for people
   * @param data for programs, or null
   */
  RpcException(int code, String message, @Nullable JsonNode data) {
    super(message, null, false, false);
    this.code = code;
    this.data = data;
  }

  int code() {
    return code;
  }

  String text() {
    return String.valueOf(getMessage());
  }

  @Nullable JsonNode data() {
    return data;
  }
}
