package org.wasmbroker.ui;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.SafeText;
import org.wasmbroker.step.TimeSource;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A running broker, as its health and metrics over HTTP tell of it: asked by this process, since
 * the policy of the page lets it reach its own server only. What it answered is kept for a second,
 * so that however many pages are open it is not asked more often.
 */
public final class RunningBroker implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final long MAX_BYTES = 8 << 20;
  private static final long KEPT_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final String url;
  private final Duration timeout;
  private final TimeSource time;
  private final HttpClient client;

  /** What it answered last; null before the first question. Guarded by this. */
  private @Nullable Document known;

  /** When that was. Guarded by this. */
  private long knownNanos;

  /** It could not be asked, or what answers is no broker. */
  private static final class NotReachableException extends Exception {
    private static final long serialVersionUID = 1L;

    NotReachableException(String message) {
      super(message);
    }
  }

  /**
   * @param address of its health and metrics, such as {@code http://127.0.0.1:9090}
   * @param timeout of each of the two requests
   * @throws IllegalArgumentException if the address is no URL of http or https with host and port
   *     alone
   */
  public RunningBroker(String address, Duration timeout, TimeSource time) {
    this.url = checked(address);
    this.timeout = timeout;
    this.time = time;
    this.client =
        HttpClient.newBuilder()
            .connectTimeout(timeout)
            .followRedirects(HttpClient.Redirect.NEVER)
            .proxy(HttpClient.Builder.NO_PROXY)
            .version(HttpClient.Version.HTTP_1_1)
            .build();
  }

  private static String checked(String address) {
    try {
      var uri = new URI(address);
      boolean isBare =
          List.of("", "/").contains(uri.getRawPath() == null ? "" : uri.getRawPath())
              && uri.getRawQuery() == null
              && uri.getRawFragment() == null
              && uri.getRawUserInfo() == null;
      if (List.of("http", "https").contains(String.valueOf(uri.getScheme()))
          && uri.getHost() != null
          && isBare) {
        return uri.getScheme() + "://" + uri.getRawAuthority();
      }
    } catch (URISyntaxException malformed) {
      // said below
    }
    throw new IllegalArgumentException(
        "'%s' is not the address of a broker: http or https, host and port (http.port), such as http://127.0.0.1:9090"
            .formatted(SafeText.sanitize(address, 200)));
  }

  /** Its address. */
  String url() {
    return url;
  }

  /** Its state and figures, or why there are none, as JSON for the page. */
  synchronized Document status() {
    var last = known;
    if (last != null && time.nanos() - knownNanos < KEPT_NANOS) {
      return last;
    }
    var status = JSON.createObjectNode().put("url", url);
    try {
      ask(status);
    } catch (NotReachableException failure) {
      status.removeAll();
      status.put("url", url).put("problem", failure.getMessage());
    } catch (InterruptedException closing) {
      Thread.currentThread().interrupt();
      status.put("problem", "the playground is closing");
    }
    var answer = Document.of(JSON.writeValueAsBytes(status));
    known = answer;
    knownNanos = time.nanos();
    return answer;
  }

  private void ask(ObjectNode status) throws NotReachableException, InterruptedException {
    var ready = get("/health/ready");
    if (ready.statusCode() != 200 && ready.statusCode() != 503) {
      throw new NotReachableException(
          "%s/health/ready answers %d: it is no broker".formatted(url, ready.statusCode()));
    }
    var metrics = get("/metrics");
    var samples = Samples.parse(new String(metrics.body(), StandardCharsets.UTF_8));
    var version = samples.label("wasm_broker_build_info", "version");
    if (metrics.statusCode() != 200 || version == null) {
      throw new NotReachableException(url + "/metrics has no metrics of a broker");
    }
    status.put("version", version);
    status.put("state", ready.statusCode() == 200 ? "ready" : "not ready");
    var reasons = status.putArray("reasons");
    reasons(ready.body()).forEach(reasons::add);
    samples.writeTo(status);
  }

  /** Why it is not ready, if it says so in the standalone form. */
  private static List<String> reasons(byte[] body) {
    try {
      return JSON.readTree(body)
          .path("reasons")
          .valueStream()
          .limit(Samples.MAX_LISTED)
          .map(reason -> SafeText.sanitize(reason.asString(""), 1_000))
          .toList();
    } catch (JacksonException notJson) {
      return List.of();
    }
  }

  private HttpResponse<byte[]> get(String path) throws NotReachableException, InterruptedException {
    var request = HttpRequest.newBuilder(URI.create(url + path)).GET().build();
    // Its own timeout ends with the headers; a body that drips has to end, too.
    var answer =
        client.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_BYTES));
    try {
      return answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException slow) {
      throw new NotReachableException(
          "%s%s did not answer within %d ms".formatted(url, path, timeout.toMillis()));
    } catch (ExecutionException failure) {
      throw new NotReachableException(
          "%s cannot be reached: %s; is the broker running, and is this its http.port?"
              .formatted(url, reason(failure.getCause())));
    } finally {
      answer.cancel(true);
    }
  }

  private static String reason(@Nullable Throwable cause) {
    var message = cause == null ? null : cause.getMessage();
    if (message == null || message.isBlank()) {
      return cause instanceof ConnectException ? "connection refused" : "no connection";
    }
    return cause instanceof IOException ? SafeText.sanitize(message, 200) : "no answer";
  }

  /** Ends requests that are under way. */
  @Override
  public void close() {
    client.shutdownNow();
    client.close();
  }
}
