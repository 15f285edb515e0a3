package org.wasmbroker.session;

/** Why a request gets an error: a type for programs, a message for people, and what to do. */
final class SessionException extends Exception {
  private static final long serialVersionUID = 1;

  /** The type of a request that was ended before it was answered. */
  static final String CANCELLED = "cancelled";

  private final String type;
  private final String advice;

  SessionException(String type, String message, String advice) {
    super(message, null, false, false);
    this.type = type;
    this.advice = advice;
  }

  static SessionException badRequest(String message) {
    return new SessionException(
        "bad_request", message, "see docs/agents.md for the requests and their members");
  }

  String type() {
    return type;
  }

  String advice() {
    return advice;
  }
}
