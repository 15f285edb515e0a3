package org.wasmbroker.mcp;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.McpEvent;
import org.wasmbroker.telemetry.McpEvent.Reason;
import tools.jackson.databind.node.ObjectNode;

/** What becomes of one HTTP request. */
final class HttpMessages {
  static final String PATH = "/mcp";
  static final String SESSION = "Mcp-Session-Id";
  static final String VERSION = "MCP-Protocol-Version";

  private static final Duration PATIENCE = Duration.ofMillis(250);

  private final McpServer server;
  private final HttpSessions sessions;
  private final RequestGuard guard;
  private final WriteWatch watch;
  private final EventSink events;

  /** Of requests that belong to no session. */
  private final Set<Peer> alone = ConcurrentHashMap.newKeySet();

  private volatile boolean stopping;

  HttpMessages(
      McpServer server,
      HttpSessions sessions,
      RequestGuard guard,
      WriteWatch watch,
      EventSink events) {
    this.server = server;
    this.sessions = sessions;
    this.guard = guard;
    this.watch = watch;
    this.events = events;
  }

  void handle(HttpExchange exchange) throws IOException {
    var headers = exchange.getRequestHeaders();
    var answer = new HttpAnswer(exchange, watch, accepts(headers, "text/event-stream"));
    var refusal = guard.refusal(headers.getFirst("Host"), headers.getFirst("Origin"));
    if (refusal.isPresent()) {
      var why = refusal.orElseThrow();
      refuse(answer, why.status(), why.reason(), why.message());
      return;
    }
    if (!PATH.equals(exchange.getRequestURI().getPath())) {
      refuse(answer, 404, null, "the server is at " + PATH);
      return;
    }
    var owner = guard.owner(headers.getFirst("Authorization"));
    if (owner.isEmpty()) {
      exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer");
      refuse(answer, 401, Reason.TOKEN, "a bearer token is required that the server accepts");
      return;
    }
    switch (exchange.getRequestMethod()) {
      case "POST" -> post(exchange, answer, owner.orElseThrow());
      case "GET" -> listen(exchange, answer, owner.orElseThrow());
      case "DELETE" -> end(exchange, answer, owner.orElseThrow());
      default -> {
        exchange.getResponseHeaders().set("Allow", "GET, POST, DELETE");
        refuse(answer, 405, null, "only GET, POST and DELETE are served");
      }
    }
  }

  private void post(HttpExchange exchange, HttpAnswer answer, String owner) throws IOException {
    var headers = exchange.getRequestHeaders();
    var type = String.valueOf(headers.getFirst("Content-Type")).toLowerCase(Locale.ROOT);
    if (!type.split(";", 2)[0].strip().equals("application/json")) {
      refuse(answer, 415, Reason.MALFORMED, "Content-Type must be application/json");
      return;
    }
    if (!accepts(headers, "application/json")) {
      refuse(answer, 406, Reason.MALFORMED, "Accept must have application/json");
      return;
    }
    int max = server.config().messageBytes();
    var body = exchange.getRequestBody().readNBytes(max + 1);
    if (body.length > max) {
      exchange.getResponseHeaders().set("Connection", "close");
      refuse(answer, 413, Reason.TOO_LARGE, "a message has at most %d bytes".formatted(max));
      return;
    }
    switch (JsonRpc.read(body)) {
      case Message.Malformed(var id, var problem) -> {
        events.on(new McpEvent.Refused(Reason.MALFORMED));
        answer.finish(JsonRpc.error(id, problem), 400);
      }
      case Message.Request request -> request(exchange, answer, owner, request);
      case Message.Notification notification -> notified(exchange, answer, owner, notification);
      case Message.Response _ -> answer.finish(null, 202);
    }
  }

  private void request(
      HttpExchange exchange, HttpAnswer answer, String owner, Message.Request request) {
    var headers = exchange.getRequestHeaders();
    var version = headers.getFirst(VERSION);
    if (Era.of(request, version) == Era.STATELESS) {
      alone(headers, answer, owner, request);
      return;
    }
    if (version != null && !Era.SESSION_VERSIONS.contains(version)) {
      answer.finish(JsonRpc.error(request.id(), Era.unsupported(version)), 400);
      return;
    }
    Optional<HttpSession> session;
    if (request.method().equals("initialize") && headers.getFirst(SESSION) == null) {
      session = sessions.open(owner);
      if (session.isEmpty()) {
        events.on(new McpEvent.Refused(Reason.BUSY));
        answer.finish(
            JsonRpc.error(
                request.id(),
                new RpcException(
                    RpcException.BUSY, "there are too many sessions; try again later")),
            503);
        return;
      }
      exchange.getResponseHeaders().set(SESSION, session.orElseThrow().id());
    } else {
      session = session(headers, answer, owner, request);
    }
    if (session.isPresent()) {
      serve(session.orElseThrow().peer(), Era.SESSION, answer, request);
      var opened = session.orElseThrow();
      if (opened.peer().version() == null) {
        sessions.end(opened); // initialize failed
      }
    }
  }

  private void alone(Headers headers, HttpAnswer answer, String owner, Message.Request request) {
    try {
      HeaderMatch.check(headers, request);
    } catch (RpcException mismatch) {
      answer.finish(JsonRpc.error(request.id(), mismatch), 400);
      return;
    }
    var peer = new Peer(owner, message -> {});
    alone.add(peer);
    try {
      serve(peer, Era.STATELESS, answer, request);
    } finally {
      alone.remove(peer);
    }
  }

  private void serve(Peer peer, Era era, HttpAnswer answer, Message.Request request) {
    @Nullable ObjectNode message;
    try {
      var served = peer.begin(request, era, answer);
      if (stopping) {
        served.cancellation().request("the server stops");
      }
      try {
        message = server.answer(served);
      } finally {
        peer.end(served);
      }
    } catch (RpcException inUse) {
      message = JsonRpc.error(request.id(), inUse);
    }
    answer.finish(message, message == null ? 202 : status(era, message));
  }

  /** The era with sessions answers errors of the protocol as any answer. */
  private static int status(Era era, ObjectNode message) {
    if (era == Era.SESSION || !message.has("error")) {
      return 200;
    }
    return switch (message.path("error").path("code").asInt(0)) {
      case RpcException.METHOD_NOT_FOUND -> 404;
      case RpcException.INTERNAL_ERROR -> 500;
      case RpcException.BUSY -> 503;
      default -> 400;
    };
  }

  private Optional<HttpSession> session(
      Headers headers, HttpAnswer answer, String owner, Message.@Nullable Request request) {
    var id = headers.getFirst(SESSION);
    var found = sessions.find(id, owner);
    if (found.isEmpty()) {
      events.on(new McpEvent.Refused(Reason.SESSION));
      var problem =
          new RpcException(
              RpcException.INVALID_REQUEST,
              id == null
                  ? SESSION + " is missing: begin with initialize"
                  : "there is no such session: begin with initialize");
      answer.finish(
          JsonRpc.error(request == null ? JsonRpc.NODES.nullNode() : request.id(), problem),
          id == null ? 400 : 404);
    }
    return found;
  }

  private void notified(
      HttpExchange exchange, HttpAnswer answer, String owner, Message.Notification notification) {
    var headers = exchange.getRequestHeaders();
    if (Era.STATELESS_VERSIONS.contains(String.valueOf(headers.getFirst(VERSION)))) {
      answer.finish(null, 202); // a request ends when its connection does
      return;
    }
    var session = session(headers, answer, owner, null);
    if (session.isPresent()) {
      McpServer.accept(notification, session.orElseThrow().peer());
      answer.finish(null, 202);
    }
  }

  /** A stream of what belongs to no request. */
  private void listen(HttpExchange exchange, HttpAnswer answer, String owner) {
    var headers = exchange.getRequestHeaders();
    if (!accepts(headers, "text/event-stream")) {
      refuse(answer, 406, Reason.MALFORMED, "Accept must have text/event-stream");
      return;
    }
    var found = session(headers, answer, owner, null);
    if (found.isEmpty()) {
      return;
    }
    var session = found.orElseThrow();
    if (!session.openStream()) {
      refuse(answer, 409, Reason.BUSY, "the session has too many streams");
      return;
    }
    try {
      answer.stream();
      while (!session.hasEnded() && !stopping) {
        var message = session.await(PATIENCE.toNanos());
        if (message == null) {
          answer.idle();
        } else {
          answer.send(message);
        }
      }
      answer.finish();
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    } finally {
      session.closeStream();
    }
  }

  private void end(HttpExchange exchange, HttpAnswer answer, String owner) {
    var session = session(exchange.getRequestHeaders(), answer, owner, null);
    if (session.isPresent()) {
      sessions.end(session.orElseThrow());
      answer.finish(null, 204);
    }
  }

  private void refuse(HttpAnswer answer, int status, @Nullable Reason reason, String message) {
    if (reason != null) {
      events.on(new McpEvent.Refused(reason));
    }
    answer.finish(
        JsonRpc.error(
            JsonRpc.NODES.nullNode(), new RpcException(RpcException.INVALID_REQUEST, message)),
        status);
  }

  private static boolean accepts(Headers headers, String type) {
    var accept = headers.get("Accept");
    if (accept == null) {
      return false;
    }
    var all = String.join(",", accept).toLowerCase(Locale.ROOT);
    return all.contains(type)
        || all.contains("*/*")
        || all.contains(type.substring(0, type.indexOf('/')) + "/*");
  }

  /** Ends what is being served without a session. */
  void stop() {
    stopping = true;
    alone.forEach(peer -> peer.cancelAll("the server stops"));
  }
}
