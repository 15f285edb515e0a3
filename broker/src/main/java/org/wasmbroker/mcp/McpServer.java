package org.wasmbroker.mcp;

import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.step.SafeText;
import org.wasmbroker.step.WireName;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.McpEvent;
import tools.jackson.databind.node.ObjectNode;

/**
 * The methods of the protocol in both of its eras, wherever a request comes from. Thread-safe; a
 * call of a tool occupies the calling thread until it has ended.
 */
public final class McpServer {
  private static final Logger log = LoggerFactory.getLogger(McpServer.class);

  private static final String INSTRUCTIONS =
      "Each tool runs a WebAssembly handler in a sandbox of its own, under the policy and limits of"
          + " the operator. A failed call has a JSON document with error.error_type, error.message"
          + " and error.retryable as its text.";
  private static final int MAX_LISTENERS = 100;

  private final ToolCatalog catalog;
  private final ToolCalls calls;
  private final Resources resources;
  private final McpConfig config;
  private final String version;
  private final Duration fresh;
  private final EventSink events;
  private final Semaphore listeners = new Semaphore(MAX_LISTENERS);

  /**
   * @param version the broker's
   * @param fresh for how long a client may keep a list: until the sources are looked at again
   */
  public McpServer(
      McpConfig config,
      ToolCatalog catalog,
      StepCalls steps,
      String version,
      Duration fresh,
      EventSink events) {
    var receipts = new Receipts(config.receipts());
    this.catalog = catalog;
    this.calls = new ToolCalls(catalog, steps, receipts, config);
    this.resources = new Resources(catalog, receipts, new Pages(config.pageSize()));
    this.config = config;
    this.version = version;
    this.fresh = fresh;
    this.events = events;
  }

  McpConfig config() {
    return config;
  }

  /** Has the peer told when the list of tools changes, until the result is run. */
  Runnable tellChanges(Peer peer) {
    return catalog.onChange(
        () -> {
          if (peer.version() != null) {
            try {
              peer.send(listChanged());
            } catch (ClientGoneException gone) {
              log.debug("a client was not told of changed tools", gone);
            }
          }
        });
  }

  private static ObjectNode listChanged() {
    return JsonRpc.notification("notifications/tools/list_changed", null);
  }

  /** Whether it may take long, so that other messages are to be read meanwhile. */
  static boolean isLong(Message.Request request) {
    return request.method().equals("tools/call") || request.method().equals("subscriptions/listen");
  }

  /** Takes note of a notification; what it does not know, it ignores. */
  static void accept(Message.Notification notification, Peer peer) {
    if (notification.method().equals("notifications/cancelled")) {
      var id = notification.params().get("requestId");
      if (id != null) {
        peer.cancel(id);
      }
    }
  }

  /**
   * Serves a request.
   *
   * @return the answer; null if the client cancelled the request
   */
  @Nullable ObjectNode answer(Exchange exchange) {
    var outcome = McpEvent.Outcome.ANSWERED;
    try {
      var result = result(exchange);
      if (result == null) {
        outcome = McpEvent.Outcome.CANCELLED;
        return null;
      }
      if (result.path("isError").asBoolean(false)) {
        outcome = McpEvent.Outcome.TOOL_ERROR;
      }
      return JsonRpc.result(exchange.id(), result);
    } catch (RpcException problem) {
      outcome = McpEvent.Outcome.PROTOCOL_ERROR;
      return JsonRpc.error(exchange.id(), problem);
    } catch (RuntimeException | Error failure) {
      outcome = McpEvent.Outcome.PROTOCOL_ERROR;
      log.error("a request could not be served", failure);
      return JsonRpc.error(
          exchange.id(),
          new RpcException(
              RpcException.INTERNAL_ERROR, "internal error of the broker; its log has the cause"));
    } finally {
      events.on(new McpEvent.Request(McpMethod.known(exchange.method()), outcome));
    }
  }

  private @Nullable ObjectNode result(Exchange exchange) {
    return switch (exchange.era()) {
      case SESSION -> inSession(exchange);
      case STATELESS -> alone(exchange);
    };
  }

  private @Nullable ObjectNode inSession(Exchange exchange) {
    var peer = exchange.peer();
    var params = exchange.params();
    switch (exchange.method()) {
      case "initialize" -> {
        return initialize(peer, params);
      }
      case "ping" -> {
        return JsonRpc.NODES.objectNode();
      }
      default -> {
        if (peer.version() == null && McpMethod.isOfSession(exchange.method())) {
          throw new RpcException(
              RpcException.INVALID_REQUEST, "the first request must be initialize");
        }
      }
    }
    return switch (exchange.method()) {
      case "logging/setLevel" -> setLevel(peer, params);
      default -> common(exchange);
    };
  }

  private ObjectNode initialize(Peer peer, ObjectNode params) {
    if (!params.path("protocolVersion").isString()) {
      throw new RpcException(RpcException.INVALID_PARAMS, "protocolVersion must be a string");
    }
    if (peer.version() != null) {
      throw new RpcException(RpcException.INVALID_REQUEST, "this session is initialized");
    }
    var wanted = params.get("protocolVersion").stringValue();
    var agreed = Era.SESSION_VERSIONS.contains(wanted) ? wanted : Era.SESSION_VERSIONS.getFirst();
    peer.agree(agreed);
    var result = JsonRpc.NODES.objectNode().put("protocolVersion", agreed);
    result.set("capabilities", capabilities());
    result.set("serverInfo", serverInfo());
    return result.put("instructions", INSTRUCTIONS);
  }

  private static ObjectNode capabilities() {
    var capabilities = JsonRpc.NODES.objectNode();
    capabilities.putObject("logging");
    capabilities.putObject("resources");
    capabilities.putObject("tools").put("listChanged", true);
    return capabilities;
  }

  private ObjectNode serverInfo() {
    return JsonRpc.NODES
        .objectNode()
        .put("name", "wasm-broker")
        .put("title", "WASM broker")
        .put("version", version);
  }

  private static ObjectNode setLevel(Peer peer, ObjectNode params) {
    var level = LogLevel.parse(params.path("level").asString(""));
    peer.logLevel(
        level.orElseThrow(
            () ->
                new RpcException(
                    RpcException.INVALID_PARAMS,
                    "level must be one of "
                        + String.join(
                            ", ", Arrays.stream(LogLevel.values()).map(WireName::of).toList()))));
    return JsonRpc.NODES.objectNode();
  }

  private @Nullable ObjectNode alone(Exchange exchange) {
    Era.requireMeta(exchange.params());
    var result =
        switch (exchange.method()) {
          case "server/discover" -> discover();
          case "subscriptions/listen" -> listen(exchange);
          default -> common(exchange);
        };
    if (result != null) {
      result.put("resultType", "complete");
      if (McpMethod.isCacheable(exchange.method())) {
        result.put("ttlMs", fresh.toMillis()).put("cacheScope", "private");
      }
      result.withObjectProperty("_meta").set(Era.SERVER_KEY, serverInfo());
    }
    return result;
  }

  private static ObjectNode discover() {
    var result = JsonRpc.NODES.objectNode();
    Era.STATELESS_VERSIONS.forEach(result.putArray("supportedVersions")::add);
    result.set("capabilities", capabilities());
    return result.put("instructions", INSTRUCTIONS);
  }

  private @Nullable ObjectNode common(Exchange exchange) {
    var params = exchange.params();
    return switch (exchange.method()) {
      case "tools/list" -> calls.list(params);
      case "tools/call" -> calls.call(exchange);
      case "resources/list" -> resources.list(exchange.peer().owner(), params);
      case "resources/templates/list" -> Resources.templates();
      case "resources/read" -> resources.read(exchange.peer().owner(), params, exchange.era());
      default ->
          throw new RpcException(
              RpcException.METHOD_NOT_FOUND,
              "there is no method " + SafeText.sanitize(exchange.method(), 100));
    };
  }

  /** Tells of changes until the client ends it. */
  private @Nullable ObjectNode listen(Exchange exchange) {
    if (!(exchange.params().get("notifications") instanceof ObjectNode wanted)) {
      throw new RpcException(RpcException.INVALID_PARAMS, "notifications must be an object");
    }
    if (!listeners.tryAcquire()) {
      throw new RpcException(RpcException.BUSY, "there are too many subscriptions");
    }
    var changes = new LinkedBlockingQueue<Boolean>(1);
    boolean tools = wanted.path("toolsListChanged").asBoolean(false);
    var forget = tools ? catalog.onChange(() -> changes.offer(true)) : (Runnable) () -> {};
    try {
      var honored = JsonRpc.NODES.objectNode();
      if (tools) {
        honored.put("toolsListChanged", true);
      }
      var params = JsonRpc.NODES.objectNode();
      params.set("notifications", honored);
      send(exchange, "notifications/subscriptions/acknowledged", params);
      while (exchange.cancellation().reason() == null) {
        if (changes.poll(Exchange.PATIENCE.toNanos(), TimeUnit.NANOSECONDS) == null) {
          exchange.idle();
        } else {
          send(exchange, "notifications/tools/list_changed", JsonRpc.NODES.objectNode());
        }
      }
    } catch (ClientGoneException gone) {
      exchange.cancellation().request(Exchange.BY_CLIENT);
    } catch (InterruptedException stopping) {
      exchange.cancellation().request("the server stops");
    } finally {
      forget.run();
      listeners.release();
    }
    if (exchange.isCancelledByClient()) {
      return null;
    }
    var result = JsonRpc.NODES.objectNode();
    result.putObject("_meta").set(Era.SUBSCRIPTION_KEY, exchange.id());
    return result;
  }

  private static void send(Exchange exchange, String method, ObjectNode params) {
    params.putObject("_meta").set(Era.SUBSCRIPTION_KEY, exchange.id());
    exchange.send(JsonRpc.notification(method, params));
  }
}
