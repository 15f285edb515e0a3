package org.wasmbroker.telemetry.otel;

import io.opentelemetry.api.common.AttributeKey;

/**
 * The attributes of the broker's spans. Those of messaging, HTTP and the Model Context Protocol are
 * named as the semantic conventions name them (1.45, and 0.1 for generative AI); most of them may
 * still change there, so they are written out here.
 */
final class Keys {
  static final AttributeKey<String> SYSTEM = AttributeKey.stringKey("messaging.system.name");
  static final AttributeKey<String> DESTINATION =
      AttributeKey.stringKey("messaging.destination.name");
  static final AttributeKey<String> OPERATION = AttributeKey.stringKey("messaging.operation.name");
  static final AttributeKey<String> OPERATION_TYPE =
      AttributeKey.stringKey("messaging.operation.type");
  static final AttributeKey<Long> BATCH = AttributeKey.longKey("messaging.batch.message_count");
  static final AttributeKey<String> MESSAGE = AttributeKey.stringKey("messaging.message.id");
  static final AttributeKey<String> CONVERSATION =
      AttributeKey.stringKey("messaging.message.conversation_id");
  static final AttributeKey<String> ERROR_TYPE = AttributeKey.stringKey("error.type");

  static final AttributeKey<String> MCP_METHOD = AttributeKey.stringKey("mcp.method.name");
  static final AttributeKey<String> GEN_AI_OPERATION =
      AttributeKey.stringKey("gen_ai.operation.name");
  static final AttributeKey<String> GEN_AI_TOOL = AttributeKey.stringKey("gen_ai.tool.name");

  static final AttributeKey<String> HTTP_METHOD = AttributeKey.stringKey("http.request.method");
  static final AttributeKey<String> HTTP_METHOD_ORIGINAL =
      AttributeKey.stringKey("http.request.method_original");
  static final AttributeKey<Long> HTTP_STATUS = AttributeKey.longKey("http.response.status_code");
  static final AttributeKey<Long> HTTP_RESENDS = AttributeKey.longKey("http.request.resend_count");
  static final AttributeKey<Long> HTTP_SENT = AttributeKey.longKey("http.request.size");
  static final AttributeKey<Long> HTTP_RECEIVED = AttributeKey.longKey("http.response.size");
  static final AttributeKey<String> SERVER = AttributeKey.stringKey("server.address");
  static final AttributeKey<Long> PORT = AttributeKey.longKey("server.port");
  static final AttributeKey<String> SCHEME = AttributeKey.stringKey("url.scheme");
  static final AttributeKey<String> URL = AttributeKey.stringKey("url.full");

  static final AttributeKey<String> STEP = own("step.id");
  static final AttributeKey<String> STEP_NAME = own("step.name");
  static final AttributeKey<String> TASK = own("task.id");
  static final AttributeKey<Long> ATTEMPT = ownNumber("attempt");
  static final AttributeKey<Long> MAX_ATTEMPTS = ownNumber("max_attempts");
  static final AttributeKey<String> HANDLER = own("handler");
  static final AttributeKey<String> VERSION = own("handler.version");
  static final AttributeKey<String> DIGEST = own("handler.digest");
  static final AttributeKey<String> ENGINE = own("engine");
  static final AttributeKey<Double> QUEUE_WAIT = AttributeKey.doubleKey("wasm_broker.queue_wait");
  static final AttributeKey<String> OUTCOME = own("outcome");
  static final AttributeKey<Long> MEMORY = ownNumber("memory_high_water");
  static final AttributeKey<Long> BYTES_IN = ownNumber("bytes_in");
  static final AttributeKey<Long> BYTES_OUT = ownNumber("bytes_out");
  static final AttributeKey<Long> HOST_CALLS = ownNumber("host_calls");
  static final AttributeKey<Long> EVENTS_DROPPED = ownNumber("events_dropped");
  static final AttributeKey<Boolean> LATE = AttributeKey.booleanKey("wasm_broker.late");
  static final AttributeKey<String> RULE = own("policy.rule");
  static final AttributeKey<String> LOG_LEVEL = own("log.level");
  static final AttributeKey<String> LOG_MESSAGE = own("log.message");
  static final AttributeKey<String> LIMIT = own("limit");
  static final AttributeKey<String> REASON = own("reason");
  static final AttributeKey<String> USE = own("use");
  static final AttributeKey<Long> ITEMS = ownNumber("items_processed");

  private Keys() {}

  private static AttributeKey<String> own(String name) {
    return AttributeKey.stringKey("wasm_broker." + name);
  }

  private static AttributeKey<Long> ownNumber(String name) {
    return AttributeKey.longKey("wasm_broker." + name);
  }
}
