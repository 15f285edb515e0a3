package org.wasmbroker.protocol.tasker.template;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.schema.JsonSchema;
import org.wasmbroker.step.WireName;

/**
 * An event that a step publishes when it has ended.
 *
 * @param schema what the step's result must satisfy for the event to be published
 * @param publisher custom code in Tasker's own workers, not available here
 */
public record EventDeclaration(
    String name,
    Condition condition,
    JsonSchema schema,
    DeliveryMode deliveryMode,
    @Nullable String publisher) {

  /** The outcomes after which the event is published. */
  public enum Condition {
    SUCCESS,
    FAILURE,
    /** A failure after which the step is retried. */
    RETRYABLE_FAILURE,
    /** A permanent failure, or that of the last attempt. */
    PERMANENT_FAILURE,
    ALWAYS;

    public String wireName() {
      return WireName.of(this);
    }

    public boolean matches(boolean success, boolean retryable) {
      return switch (this) {
        case SUCCESS -> success;
        case FAILURE -> !success;
        case RETRYABLE_FAILURE -> !success && retryable;
        case PERMANENT_FAILURE -> !success && !retryable;
        case ALWAYS -> true;
      };
    }
  }

  /** Where the event is sent. */
  public enum DeliveryMode {
    /** To the namespace's event queue. */
    DURABLE,
    /** To listeners within the worker's process only. */
    FAST,
    /** To both. */
    BROADCAST;

    public String wireName() {
      return WireName.of(this);
    }

    /** Whether the event is sent to the queue. */
    public boolean isQueued() {
      return this != FAST;
    }
  }
}
