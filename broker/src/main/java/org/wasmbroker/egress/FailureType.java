package org.wasmbroker.egress;

import java.util.List;
import org.wasmbroker.sandbox.AbiError;
import org.wasmbroker.step.WireName;

/** Why a guest gets no response, by the name that it sees. */
enum FailureType {
  BAD_REQUEST(AbiError.INVALID, false),
  NOT_ALLOWED(AbiError.DENIED, false),
  RATE_LIMITED(AbiError.RATE_LIMITED, true),
  TIMEOUT(AbiError.TIMEOUT, true),
  CONNECT_FAILED(AbiError.IO, true),
  BAD_RESPONSE(AbiError.IO, false),
  BUDGET_EXCEEDED(AbiError.BUDGET, false),
  SECRET_IN_OUTPUT(AbiError.DENIED, false);

  private final AbiError error;
  private final boolean retryable;

  FailureType(AbiError error, boolean retryable) {
    this.error = error;
    this.retryable = retryable;
  }

  /** What it may be because of: tags for metrics. */
  List<String> reasons() {
    return switch (this) {
      case BAD_REQUEST -> List.of("request", "url");
      case NOT_ALLOWED -> List.of("destination", "address", "redirect", "secret");
      case RATE_LIMITED -> List.of("rate");
      case TIMEOUT -> List.of("time", "dns", "pool");
      case CONNECT_FAILED -> List.of("connect", "dns", "tls", "proxy");
      case BAD_RESPONSE -> List.of("response", "redirect", "closed");
      case BUDGET_EXCEEDED -> List.of("budget");
      case SECRET_IN_OUTPUT -> List.of("secret");
    };
  }

  AbiError error() {
    return error;
  }

  /** Whether the same request may succeed later, unless the failure itself says otherwise. */
  boolean isRetryable() {
    return retryable;
  }

  String text() {
    return WireName.of(this);
  }
}
