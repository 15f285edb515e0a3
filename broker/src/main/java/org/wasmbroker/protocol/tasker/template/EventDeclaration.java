package org.wasmbroker.protocol.tasker.template;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.schema.JsonSchema;
import org.wasmbroker.step.WireName;

/**
 * An event that a step publishes when it has ended.
 *
 * @param schema what the step's result must look like for the event to be published
 * @param publisher a publisher of the operator's own in Tasker's workers; there is none here
 */
public record EventDeclaration(
    String name,
    Condition condition,
    JsonSchema schema,
    DeliveryMode deliveryMode,
    @Nullable String publisher) {

  /** After which end of the step the event is published. */
  public enum Condition {
    SUCCESS,
    FAILURE,
    /** A failure after which the step is tried again. */
    RETRYABLE_FAILURE,
    /** A failure for good, or of the last attempt. */
    PERMANENT_FAILURE,
    ALWAYS;

    public String wireName() {
      return WireName.of(this);
    }

    public boolean holds(boolean success, boolean retryable) {
      return switch (this) {
        case SUCCESS -> success;
        case FAILURE -> !success;
        case RETRYABLE_FAILURE -> !success && retryable;
        case PERMANENT_FAILURE -> !success && !retryable;
        case ALWAYS -> true;
      };
    }
  }

  /** Where the event goes. */
  public enum DeliveryMode {
    /** To the namespace's queue of events. */
    DURABLE,
    /** To listeners within the worker's process only. */
    FAST,
    /** To both. */
    BROADCAST;

    public String wireName() {
      return WireName.of(this);
    }

    /** Whether the event goes to the queue. */
    public boolean isQueued() {
      return this != FAST;
    }
  }
}
