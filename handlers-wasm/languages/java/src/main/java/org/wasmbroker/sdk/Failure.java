package org.wasmbroker.sdk;

import java.time.Duration;
import java.util.Objects;

/** Thrown by a handler: why its step failed. */
public final class Failure extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final String type;
  private final boolean retryable;
  private final Duration retryAfter;
  private final String code;

  private Failure(
      String type, String message, boolean retryable, Duration retryAfter, String code) {
    super(Objects.requireNonNull(message));
    this.type = Objects.requireNonNull(type);
    this.retryable = retryable;
    this.retryAfter = Objects.requireNonNull(retryAfter);
    this.code = code;
  }

  /**
   * A failure that no other attempt can mend.
   *
   * @param type for programs, as the manifest lists it
   * @param message for people
   */
  public static Failure permanent(String type, String message) {
    return new Failure(type, message, false, Duration.ZERO, "");
  }

  /** A failure after which another attempt may succeed. */
  public static Failure retryable(String type, String message) {
    return new Failure(type, message, true, Duration.ZERO, "");
  }

  /** The same with the earliest sensible time of another attempt; zero leaves it to the broker. */
  public Failure retryAfter(Duration wait) {
    return new Failure(type, getMessage(), retryable, wait, code);
  }

  /** The same with a code, which tells more than the type. */
  public Failure code(String code) {
    return new Failure(type, getMessage(), retryable, retryAfter, code);
  }

  public String type() {
    return type;
  }

  public boolean isRetryable() {
    return retryable;
  }

  /** Zero if it says nothing. */
  public Duration retryAfter() {
    return retryAfter;
  }

  /** Empty if it says nothing. */
  public String code() {
    return code;
  }

  /** An error document of the broker as a failure. */
  static Failure of(Json error) {
    return new Failure(
        error.get("type").asText(),
        error.get("message").asText(),
        error.get("retryable").asBoolean(false),
        Duration.ofMillis(error.get("retry_after_ms").asLong(0)),
        "");
  }

  /** The result document. */
  Json document() {
    var error =
        Json.object().put("type", type).put("message", getMessage()).put("retryable", retryable);
    if (!retryAfter.isZero()) {
      error.put("retry_after_ms", retryAfter.toMillis());
    }
    if (!code.isEmpty()) {
      error.put("code", code);
    }
    return Json.object().put("status", "failed").put("error", error.build()).build();
  }
}
