package org.wasmbroker.mcp;

import java.security.SecureRandom;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.McpEvent;

/** The sessions over HTTP, a bounded number. One that nobody uses ends. Thread-safe. */
final class HttpSessions {
  private static final int ID_BYTES = 24;

  private final McpServer server;
  private final EventSink events;
  private final SecureRandom random = new SecureRandom();
  private final Map<String, HttpSession> sessions = new LinkedHashMap<>(); // guarded by this

  HttpSessions(McpServer server, EventSink events) {
    this.server = server;
    this.events = events;
    events.on(new McpEvent.Sessions(0));
  }

  /** A new session; empty if there are too many. */
  Optional<HttpSession> open(String owner) {
    endIdle();
    var bytes = new byte[ID_BYTES];
    random.nextBytes(bytes);
    var id = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    synchronized (this) {
      if (sessions.size() >= server.config().sessions()) {
        return Optional.empty();
      }
      var session = new HttpSession(id, owner, server);
      sessions.put(id, session);
      events.on(new McpEvent.Sessions(sessions.size()));
      return Optional.of(session);
    }
  }

  /** The session with this id, if it is this owner's. */
  Optional<HttpSession> find(@Nullable String id, String owner) {
    synchronized (this) {
      var found = id == null ? null : sessions.get(id);
      if (found == null || !found.peer().owner().equals(owner)) {
        return Optional.empty();
      }
      found.use();
      return Optional.of(found);
    }
  }

  void end(HttpSession session) {
    synchronized (this) {
      sessions.remove(session.id());
      events.on(new McpEvent.Sessions(sessions.size()));
    }
    session.end();
  }

  /** Ends those that nobody has used for the configured time. */
  void endIdle() {
    long idle = server.config().sessionIdle().toNanos();
    all().stream().filter(session -> session.isIdle(idle)).forEach(this::end);
  }

  void endAll() {
    all().forEach(this::end);
  }

  private synchronized List<HttpSession> all() {
    return List.copyOf(sessions.values());
  }
}
