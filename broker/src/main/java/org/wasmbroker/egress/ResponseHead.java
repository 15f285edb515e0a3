package org.wasmbroker.egress;

import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.hc.core5.http.HttpResponse;
import org.wasmbroker.step.Document;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Writes the response head document for the guest. */
final class ResponseHead {
  /** Headers that concern the broker's connection only. */
  private static final Set<String> HOP_BY_HOP =
      Set.of(
          "connection",
          "keep-alive",
          "proxy-authenticate",
          "proxy-authentication-info",
          "proxy-connection",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade");

  /** Headers that describe the body before it was decompressed. */
  private static final Set<String> ENCODED_BODY_HEADERS =
      Set.of("content-encoding", "content-length");

  private ResponseHead() {}

  /**
   * @param decoded whether the guest gets the decompressed body
   * @param connectNanos 0 if a pooled connection was reused
   * @param headNanos from the guest's call to the response head
   */
  static Document of(
      HttpResponse response, Hop hop, boolean decoded, long connectNanos, long headNanos) {
    var head = JsonNodeFactory.instance.objectNode();
    head.put("status", response.getCode());
    head.put("url", hop.displayUrl());
    head.set("headers", headers(response, decoded));
    head.put("redirects", hop.redirectCount());
    head.putObject("timing")
        .put("connect_ms", millis(connectNanos))
        .put("first_byte_ms", millis(headNanos));
    return Document.of(head.toString());
  }

  private static ObjectNode headers(HttpResponse response, boolean decoded) {
    var headers = JsonNodeFactory.instance.objectNode();
    for (var header : response.getHeaders()) {
      var name = header.getName().toLowerCase(Locale.ROOT);
      if (!HOP_BY_HOP.contains(name) && !(decoded && ENCODED_BODY_HEADERS.contains(name))) {
        headers.withArrayProperty(name).add(header.getValue() == null ? "" : header.getValue());
      }
    }
    return headers;
  }

  private static double millis(long nanos) {
    return TimeUnit.NANOSECONDS.toMicros(nanos) / 1000.0;
  }
}
