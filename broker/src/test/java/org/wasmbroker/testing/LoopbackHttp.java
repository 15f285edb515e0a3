package org.wasmbroker.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.wasmbroker.sandbox.AbiError;
import org.wasmbroker.sandbox.CallRefusedException;
import org.wasmbroker.sandbox.GuestHttp;
import org.wasmbroker.sandbox.HttpAnswer;
import org.wasmbroker.sandbox.RunClock;
import org.wasmbroker.step.Document;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** HTTP to servers of the test on this machine, without any of the broker's rules. */
public final class LoopbackHttp implements GuestHttp, AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{secret:([^}]*)}}");

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Map<String, String> secrets;

  public LoopbackHttp(Map<String, String> secrets) {
    this.secrets = Map.copyOf(secrets);
  }

  @Override
  public HttpAnswer send(byte[] document, RunClock clock) throws CallRefusedException {
    var request = JSON.readTree(document);
    try {
      return new Answer(client.send(request(request), BodyHandlers.ofInputStream()));
    } catch (HttpTimeoutException timeout) {
      throw refused(AbiError.TIMEOUT, "timeout", timeout);
    } catch (ConnectException noConnection) {
      throw refused(AbiError.IO, "connect_failed", noConnection);
    } catch (IOException broken) {
      throw refused(AbiError.IO, "bad_response", broken);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw refused(AbiError.TIMEOUT, "timeout", interrupted);
    }
  }

  private HttpRequest request(JsonNode request) throws CallRefusedException {
    var url = new StringBuilder(request.get("url").asString());
    for (var field : request.path("query").properties()) {
      for (var value : values(field.getValue())) {
        url.append(url.indexOf("?") < 0 ? '?' : '&')
            .append(encoded(field.getKey()))
            .append('=')
            .append(encoded(filled(value.asString())));
      }
    }
    var uri = URI.create(url.toString());
    if (!uri.getHost().equals("127.0.0.1")) {
      throw refused(AbiError.DENIED, "not_allowed", new IOException("not this machine"));
    }
    var builder = HttpRequest.newBuilder(uri);
    if (request.has("timeout_ms")) {
      builder.timeout(Duration.ofMillis(request.get("timeout_ms").asLong()));
    }
    for (var field : request.path("headers").properties()) {
      for (var value : values(field.getValue())) {
        builder.header(field.getKey(), filled(value.asString()));
      }
    }
    return builder.method(request.get("method").asString(), body(request.path("body"))).build();
  }

  private HttpRequest.BodyPublisher body(JsonNode body) throws CallRefusedException {
    if (body.has("text")) {
      return BodyPublishers.ofString(filled(body.get("text").asString()));
    }
    return body.has("json")
        ? BodyPublishers.ofString(filled(JSON.writeValueAsString(body.get("json"))))
        : BodyPublishers.noBody();
  }

  private static Iterable<JsonNode> values(JsonNode value) {
    return value.isArray() ? value : JSON.createArrayNode().add(value);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, UTF_8).replace("+", "%20");
  }

  private String filled(String text) throws CallRefusedException {
    var found = PLACEHOLDER.matcher(text);
    var filled = new StringBuilder();
    while (found.find()) {
      var secret = secrets.get(found.group(1));
      if (secret == null) {
        throw refused(AbiError.DENIED, "not_allowed", new IOException("no such secret"));
      }
      found.appendReplacement(filled, Matcher.quoteReplacement(secret));
    }
    return found.appendTail(filled).toString();
  }

  private static CallRefusedException refused(AbiError error, String type, Exception cause) {
    var document =
        JSON.createObjectNode()
            .put("type", type)
            .put("message", cause.getClass().getSimpleName())
            .put("retryable", error != AbiError.DENIED);
    return new CallRefusedException(error, Document.of(document.toString()));
  }

  @Override
  public void close() {
    client.close();
  }

  private record Answer(HttpResponse<InputStream> response) implements HttpAnswer {
    @Override
    public Document head() {
      var head =
          JSON.createObjectNode()
              .put("status", response.statusCode())
              .put("url", response.uri().toString());
      var headers = head.putObject("headers");
      response
          .headers()
          .map()
          .forEach((name, values) -> values.forEach(headers.withArray(name)::add));
      return Document.of(head.toString());
    }

    @Override
    public int read(byte[] into, RunClock clock) throws CallRefusedException {
      try {
        return Math.max(0, response.body().read(into));
      } catch (IOException broken) {
        throw refused(AbiError.IO, "bad_response", broken);
      }
    }

    @Override
    public void close() {
      try {
        response.body().close();
      } catch (IOException broken) {
        // It is gone, and that is what was wanted.
      }
    }
  }
}
