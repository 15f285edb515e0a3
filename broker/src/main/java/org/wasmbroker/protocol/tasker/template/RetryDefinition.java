package org.wasmbroker.protocol.tasker.template;

/**
 * Whether and how often a step is tried again. Tasker's orchestrator decides about delays by itself
 * and reads no backoff from the template, so none is kept here.
 */
public record RetryDefinition(boolean retryable, int maxAttempts) {
  /** What holds for a step that says nothing. */
  public static final RetryDefinition DEFAULTS = new RetryDefinition(true, 3);
}
