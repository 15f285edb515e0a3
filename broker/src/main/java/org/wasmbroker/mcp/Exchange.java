package org.wasmbroker.mcp;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.step.TraceContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One request that is being served, and what belongs to it: its progress, its log, its end before
 * the time. Used by the request's thread; others may cancel it.
 */
final class Exchange {
  /** The reason of a cancellation by the client, after which nothing is answered. */
  static final String BY_CLIENT = "cancelled by the client";

  /** How long nothing may happen before the client is asked whether it still waits. */
  static final Duration PATIENCE = Duration.ofMillis(250);

  private final Message.Request request;
  private final Era era;
  private final Peer peer;
  private final Outlet outlet;
  private final Cancellation cancellation = new Cancellation();
  private int steps;

  Exchange(Message.Request request, Era era, Peer peer, Outlet outlet) {
    this.request = request;
    this.era = era;
    this.peer = peer;
    this.outlet = outlet;
  }

  JsonNode id() {
    return request.id();
  }

  String method() {
    return request.method();
  }

  ObjectNode params() {
    return request.params();
  }

  Era era() {
    return era;
  }

  Peer peer() {
    return peer;
  }

  Cancellation cancellation() {
    return cancellation;
  }

  boolean isCancelledByClient() {
    return BY_CLIENT.equals(cancellation.reason());
  }

  void send(ObjectNode message) {
    outlet.send(message);
  }

  void idle() {
    outlet.idle();
  }

  /** Tells the client that it goes on, if it asked for that. */
  void progress(String message) {
    var token = params().path("_meta").path("progressToken");
    if (token.isString() || token.isIntegralNumber()) {
      var params = JsonRpc.NODES.objectNode();
      params.set("progressToken", token);
      params.put("progress", ++steps).put("message", message);
      send(JsonRpc.notification("notifications/progress", params));
    }
  }

  /** The client's trace context, which is in the metadata of the request. */
  TraceContext trace() {
    var meta = params().path("_meta");
    return TraceContext.read(text(meta.path("traceparent")), text(meta.path("tracestate")));
  }

  private static @Nullable String text(JsonNode value) {
    return value.isString() ? value.stringValue() : null;
  }

  /** From which severity on the client wants log messages; null for none. */
  @Nullable LogLevel logLevel() {
    return switch (era) {
      case SESSION -> peer.logLevel();
      case STATELESS ->
          LogLevel.parse(params().path("_meta").path(Era.LOG_LEVEL_KEY).asString("")).orElse(null);
    };
  }
}
