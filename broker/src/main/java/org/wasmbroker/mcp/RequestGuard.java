package org.wasmbroker.mcp;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.telemetry.McpEvent;

/**
 * Which requests are served at all: those that name a host of this server, come from no foreign web
 * page, and have a token if one is asked for. It keeps web pages in a browser from reaching a
 * server on the same machine, also by a name of theirs that resolves to it.
 */
final class RequestGuard {
  private static final List<String> LOOPBACK = List.of("localhost", "127.0.0.1", "[::1]");

  private final List<String> hosts;
  private final List<String> origins;
  private final BearerTokens tokens;

  /**
   * Why a request is not served.
   *
   * @param status of HTTP
   */
  record Refusal(int status, McpEvent.Reason reason, String message) {}

  RequestGuard(McpConfig config, BearerTokens tokens) {
    this.hosts = config.hosts().stream().map(host -> host.toLowerCase(Locale.ROOT)).toList();
    this.origins = config.origins();
    this.tokens = tokens;
  }

  /** Why the request is refused before anybody is asked who it is; empty if it is not. */
  Optional<Refusal> refusal(@Nullable String host, @Nullable String origin) {
    if (host == null || !isOurs(host(host))) {
      return Optional.of(
          new Refusal(421, McpEvent.Reason.ORIGIN, "the Host header names no host of this server"));
    }
    if (origin != null && !origins.contains(origin) && !isLoopback(origin)) {
      return Optional.of(new Refusal(403, McpEvent.Reason.ORIGIN, "the Origin is not allowed"));
    }
    return Optional.empty();
  }

  /** Whom it acts for; empty if it has no token that is accepted. */
  Optional<String> owner(@Nullable String authorization) {
    return tokens.owner(authorization);
  }

  private boolean isOurs(String host) {
    return LOOPBACK.contains(host) || hosts.contains(host);
  }

  /** Without its port. */
  private static String host(String header) {
    var text = header.strip().toLowerCase(Locale.ROOT);
    int colon = text.lastIndexOf(':');
    return colon > text.lastIndexOf(']') ? text.substring(0, colon) : text;
  }

  private static boolean isLoopback(String origin) {
    try {
      var uri = new URI(origin);
      return uri.getHost() != null
          && List.of("http", "https").contains(uri.getScheme())
          && LOOPBACK.contains(uri.getHost().toLowerCase(Locale.ROOT));
    } catch (URISyntaxException noOrigin) {
      return false;
    }
  }
}
