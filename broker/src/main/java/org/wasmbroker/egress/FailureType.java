package org.wasmbroker.egress;

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
