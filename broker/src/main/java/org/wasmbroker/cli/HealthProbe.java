package org.wasmbroker.cli;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.wasmbroker.step.SafeText;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Questions to a broker's health pages. Whoever listens there is not trusted: what is read and
 * printed of its answer is bounded, redirects are not followed.
 */
final class HealthProbe {
  private static final int MAX_BODY = 64 << 10;
  private static final int MAX_REASONS = 20;
  private static final int MAX_TEXT = 500;
  private static final int OK = 200;
  private static final int UNAVAILABLE = 503;

  private final URI broker;
  private final Duration timeout;

  /**
   * @param broker scheme, host and port
   * @param timeout for the connection, and for each wait for a part of the answer
   */
  HealthProbe(URI broker, Duration timeout) {
    this.broker = broker;
    this.timeout = timeout;
  }

  /**
   * What it said.
   *
   * @param lines for people
   */
  record Answer(boolean good, List<String> lines) {}

  /** Whether the process responds. */
  Answer live() {
    return ask("/health/live");
  }

  /** Whether it processes steps. */
  Answer ready() {
    return ask("/health/ready");
  }

  private Answer ask(String path) {
    var page = broker.resolve(path);
    try {
      var connection = (HttpURLConnection) page.toURL().openConnection(Proxy.NO_PROXY);
      connection.setConnectTimeout((int) timeout.toMillis());
      connection.setReadTimeout((int) timeout.toMillis());
      connection.setInstanceFollowRedirects(false);
      connection.setUseCaches(false);
      try {
        return answer(page, connection.getResponseCode(), body(connection));
      } finally {
        connection.disconnect();
      }
    } catch (IOException noAnswer) {
      throw new UnavailableException(
          "no broker answers at %s: %s; see whether it runs, and whether http.host and http.port are its own"
              .formatted(page, SafeText.sanitize(String.valueOf(noAnswer.getMessage()), MAX_TEXT)));
    }
  }

  private static String body(HttpURLConnection connection) throws IOException {
    try (var stream =
        connection.getResponseCode() < 400
            ? connection.getInputStream()
            : connection.getErrorStream()) {
      return stream == null ? "" : new String(stream.readNBytes(MAX_BODY), StandardCharsets.UTF_8);
    }
  }

  private static Answer answer(URI page, int status, String body) {
    return switch (status) {
      case OK -> new Answer(true, List.of(statusText(body, page.getPath().endsWith("live"))));
      case UNAVAILABLE -> new Answer(false, notReady(body));
      default ->
          throw new UnavailableException(
              "%s answered with status %d: this is no broker's health page"
                  .formatted(page, status));
    };
  }

  private static String statusText(String body, boolean live) {
    var status = json(body).path("status");
    return status.isString() ? safe(status.asString()) : live ? "live" : "ready";
  }

  /** Reasons as a standalone broker tells them, or a message as a Tasker worker does. */
  private static List<String> notReady(String body) {
    var json = json(body);
    var lines = new ArrayList<String>();
    lines.add("not ready");
    var reasons = json.path("reasons");
    for (int i = 0; i < Math.min(reasons.size(), MAX_REASONS); i++) {
      lines.add("  " + safe(reasons.path(i).asString("")));
    }
    if (json.path("message").isString()) {
      lines.add("  " + safe(json.path("message").asString()));
    }
    return List.copyOf(lines);
  }

  private static JsonNode json(String body) {
    try {
      return JsonMapper.shared().readTree(body);
    } catch (JacksonException notJson) {
      return JsonMapper.shared().createObjectNode();
    }
  }

  private static String safe(String text) {
    return SafeText.sanitize(text, MAX_TEXT);
  }
}
