package org.wasmbroker.egress;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.CallRefusedException;
import org.wasmbroker.step.Document;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * A request that gets no response. The message is for the guest and the log: it contains no more of
 * a URL than its origin, and no header values.
 */
final class HttpRequestException extends Exception {
  private static final long serialVersionUID = 1;

  private final FailureType type;
  private final String reason;
  private final boolean retryable;
  private final @Nullable Duration retryAfter;
  private final boolean sent;

  private HttpRequestException(
      FailureType type,
      String reason,
      String message,
      boolean retryable,
      @Nullable Duration retryAfter,
      boolean sent) {
    super(message, null, false, false);
    this.type = type;
    this.reason = reason;
    this.retryable = retryable;
    this.retryAfter = retryAfter;
    this.sent = sent;
  }

  /**
   * @param reason a tag for metrics, one of a few words
   */
  static HttpRequestException of(FailureType type, String reason, String message) {
    return new HttpRequestException(type, reason, message, type.isRetryable(), null, false);
  }

  static HttpRequestException badRequest(String message) {
    return of(FailureType.BAD_REQUEST, "request", message);
  }

  static HttpRequestException rateLimited(String message, Duration retryAfter) {
    return new HttpRequestException(
        FailureType.RATE_LIMITED, "rate", message, true, retryAfter, false);
  }

  HttpRequestException withRetryable(boolean newRetryable) {
    return new HttpRequestException(type, reason, message(), newRetryable, retryAfter, sent);
  }

  /** As the end of a call: not retryable if the call has sent what must not be sent twice. */
  HttpRequestException in(HttpCall call) {
    return new HttpRequestException(
        type, reason, message(), retryable && call.isRepeatable(), retryAfter, call.wasSent());
  }

  FailureType type() {
    return type;
  }

  String reason() {
    return reason;
  }

  String message() {
    return String.valueOf(getMessage());
  }

  CallRefusedException toRefusal() {
    var document =
        JsonNodeFactory.instance
            .objectNode()
            .put("type", type.text())
            .put("message", message())
            .put("retryable", retryable)
            .put("sent", sent);
    if (retryAfter != null) {
      document.put("retry_after_ms", Math.max(1, retryAfter.toMillis()));
    }
    return new CallRefusedException(type.error(), message(), Document.of(document.toString()));
  }
}
