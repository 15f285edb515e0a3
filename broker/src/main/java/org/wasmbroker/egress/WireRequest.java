package org.wasmbroker.egress;

import java.util.List;
import java.util.Set;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.HttpVersion;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.message.BasicClassicHttpRequest;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.TraceContext;
import org.wasmbroker.url.HttpUrl;

/** Builds the request that is sent: the broker's own headers, the guest's, and the body. */
final class WireRequest {
  private static final String USER_AGENT = "wasm-broker";
  private static final String IDEMPOTENCY_KEY = "Idempotency-Key";
  private static final Set<String> IDEMPOTENT_METHODS =
      Set.of("GET", "HEAD", "OPTIONS", "PUT", "DELETE");

  private WireRequest() {}

  static ClassicHttpRequest of(
      Hop hop,
      HttpUrl url,
      List<RequestField> headers,
      byte @Nullable [] body,
      TraceContext trace,
      @Nullable String idempotencyKey) {
    var request = new BasicClassicHttpRequest(hop.method(), url.pathAndQuery());
    request.setVersion(HttpVersion.HTTP_1_1);
    request.addHeader("Host", url.authority());
    headers.forEach(header -> request.addHeader(header.name(), header.value()));
    addIfAbsent(request, "User-Agent", USER_AGENT);
    addIfAbsent(request, "Accept-Encoding", ContentCoding.ACCEPT_ENCODING);
    if (trace.traceparent() != null) {
      request.addHeader("traceparent", trace.traceparent());
      if (trace.tracestate() != null) {
        request.addHeader("tracestate", trace.tracestate());
      }
    }
    if (idempotencyKey != null) {
      request.addHeader(IDEMPOTENCY_KEY, idempotencyKey);
    }
    if (body != null) {
      addIfAbsent(request, "Content-Type", hop.body().contentType());
      request.setEntity(new ByteArrayEntity(body, null));
    }
    if (body != null || expectsBody(hop.method())) {
      request.addHeader("Content-Length", body == null ? 0 : body.length);
    }
    return request;
  }

  /**
   * Whether a server that receives the request twice does what it would do for one (RFC 9110,
   * 9.2.2), or can tell that it is the same.
   */
  static boolean isRepeatable(ClassicHttpRequest request) {
    return IDEMPOTENT_METHODS.contains(request.getMethod())
        || request.containsHeader(IDEMPOTENCY_KEY);
  }

  /** Some servers wait for a body of these methods if the length is missing. */
  private static boolean expectsBody(String method) {
    return method.equals("POST") || method.equals("PUT") || method.equals("PATCH");
  }

  private static void addIfAbsent(ClassicHttpRequest request, String name, String value) {
    if (!request.containsHeader(name)) {
      request.addHeader(name, value);
    }
  }

  /** The size of request line, headers and body. */
  static long size(ClassicHttpRequest request) {
    long bytes = request.getMethod().length() + request.getPath().length() + 12L;
    for (var header : request.getHeaders()) {
      bytes += header.getName().length() + header.getValue().length() + 4L;
    }
    var entity = request.getEntity();
    return bytes + (entity == null ? 0 : entity.getContentLength());
  }
}
