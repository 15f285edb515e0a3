package org.wasmbroker.sdk;

import java.time.Duration;

/**
 * An HTTP request. {@code {{secret:NAME}}} in the value of a header or in the body is filled in by
 * the broker: the handler never has it.
 */
public final class Request {
  private final Json.ObjectBuilder document = Json.object();
  private final Json.ObjectBuilder headers = Json.object();
  private final Json.ObjectBuilder query = Json.object();

  private Request(String method, String url) {
    document.put("method", method).put("url", url);
  }

  public static Request of(String method, String url) {
    return new Request(method, url);
  }

  public static Request get(String url) {
    return of("GET", url);
  }

  public static Request post(String url) {
    return of("POST", url);
  }

  public Request header(String name, String value) {
    headers.put(name, value);
    return this;
  }

  /** Is encoded and added to the URL. */
  public Request query(String name, String value) {
    query.put(name, value);
    return this;
  }

  /** A body of text. */
  public Request text(String body) {
    document.put("body", Json.object().put("text", body).build());
    return this;
  }

  /** A body of JSON. */
  public Request json(Json body) {
    document.put("body", Json.object().put("json", body).build());
    return this;
  }

  /** For the whole response; the deadline of the run is one as well. */
  public Request timeout(Duration timeout) {
    document.put("timeout_ms", timeout.toMillis());
    return this;
  }

  /** Adds a header that is the same for all attempts of the step. */
  public Request idempotencyKey() {
    document.put("idempotency_key", true);
    return this;
  }

  /**
   * Sends it, once. A status such as 404 is a response.
   *
   * @throws Failure if there is none: the broker's reason, which says whether to try again
   */
  public Response send() {
    document.put("headers", headers.build()).put("query", query.build());
    return new Response(Host.send(document.build().toBytes()));
  }
}
