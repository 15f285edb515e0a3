package org.wasmbroker.plan;

import org.wasmbroker.document.Location;

/**
 * Something about a plan that its author should know.
 *
 * @param rule which check found it, a word for programs
 * @param pointer the JSON pointer of what it is about; empty for the whole
 * @param message what is wrong, a phrase that follows the place
 * @param remedy what to do; empty if the message says it
 */
public record Finding(
    Severity severity,
    String rule,
    Location location,
    String pointer,
    String message,
    String remedy) {
  /** Whether the plan may run with it. */
  public enum Severity {
    /** A step would fail, or never start. */
    ERROR,
    /** It is valid, but probably not what its author means; or it cannot be known before. */
    WARNING
  }
}
