package org.wasmbroker.oci;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.hc.core5.http.HttpEntity;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.url.HttpUrl;

/**
 * A request, without the proof of who asks.
 *
 * @param body makes the body anew each time that it is sent, or null
 * @param time for the whole exchange, its response included
 */
record OciRequest(
    String method,
    HttpUrl url,
    Map<String, String> headers,
    @Nullable Supplier<HttpEntity> body,
    Duration time) {

  static OciRequest of(String method, HttpUrl url, Duration time) {
    return new OciRequest(method, url, Map.of(), null, time);
  }

  OciRequest with(String header, String value) {
    var added = new LinkedHashMap<>(headers);
    added.put(header, value);
    return new OciRequest(method, url, added, body, time);
  }

  OciRequest withBody(Supplier<HttpEntity> entity) {
    return new OciRequest(method, url, headers, entity, time);
  }

  OciRequest to(HttpUrl other) {
    return new OciRequest(method, other, headers, body, time);
  }

  /** Whether sending it twice is the same as sending it once. */
  boolean isRepeatable() {
    return !method.equals("POST");
  }

  boolean isRead() {
    return method.equals("GET") || method.equals("HEAD");
  }

  /** Without the query, which may be a signature. */
  @Override
  public String toString() {
    return method + " " + url.origin() + url.path();
  }
}
