package org.wasmbroker.mcp;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A client: what was agreed on with it, and which of its requests are being served. Thread-safe.
 */
final class Peer {
  private final String owner;
  private final Outlet outlet;
  private final Map<JsonNode, Exchange> running = new ConcurrentHashMap<>();
  private volatile @Nullable String version;
  private volatile LogLevel logLevel = LogLevel.INFO;

  /**
   * @param owner whom it acts for; only the same may see what it left
   * @param outlet for messages that belong to no request
   */
  Peer(String owner, Outlet outlet) {
    this.owner = owner;
    this.outlet = outlet;
  }

  String owner() {
    return owner;
  }

  /** The version that was agreed on; null before. */
  @Nullable String version() {
    return version;
  }

  void agree(String agreed) {
    version = agreed;
  }

  LogLevel logLevel() {
    return logLevel;
  }

  void logLevel(LogLevel level) {
    logLevel = level;
  }

  /** Sends a message that belongs to no request. */
  void send(ObjectNode message) {
    outlet.send(message);
  }

  /**
   * Begins to serve a request; {@link #end} has to follow.
   *
   * @throws RpcException if one with the same id is being served
   */
  Exchange begin(Message.Request request, Era era, Outlet to) {
    var exchange = new Exchange(request, era, this, to);
    if (running.putIfAbsent(request.id(), exchange) != null) {
      throw new RpcException(
          RpcException.INVALID_REQUEST, "a request with this id is being served");
    }
    return exchange;
  }

  void end(Exchange exchange) {
    running.remove(exchange.id(), exchange);
  }

  boolean isIdle() {
    return running.isEmpty();
  }

  /** Stops a request; one that is unknown or over is ignored. */
  void cancel(JsonNode id) {
    var exchange = running.get(id);
    if (exchange != null && !exchange.method().equals("initialize")) {
      exchange.cancellation().request(Exchange.BY_CLIENT);
    }
  }

  /** Stops all that is being served. */
  void cancelAll(String reason) {
    running.values().forEach(exchange -> exchange.cancellation().request(reason));
  }
}
