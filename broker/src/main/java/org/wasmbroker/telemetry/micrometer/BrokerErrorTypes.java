package org.wasmbroker.telemetry.micrometer;

import java.util.Set;
import org.wasmbroker.telemetry.TagLimiter;

/** The error types of the broker itself; handlers have their own in addition. */
final class BrokerErrorTypes {
  static final Set<String> ALL =
      Set.of(
          "none",
          "unknown_handler",
          "module_refused",
          "limit_exceeded",
          "trapped",
          "guest_failed",
          "bad_result_document",
          "checkpoint_not_supported",
          "checkpoint_error",
          "result_schema_violation",
          "secret_in_output",
          "output_schema_violation",
          "decision_outcome_invalid",
          "batch_outcome_invalid",
          "outcome_not_allowed",
          "broker_fault",
          TagLimiter.OTHER);

  private BrokerErrorTypes() {}
}
