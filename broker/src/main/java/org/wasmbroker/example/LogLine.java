package org.wasmbroker.example;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.GuestLog.Level;

/**
 * A line that a guest logged, free of control characters.
 *
 * @param fields a JSON object as the guest wrote it, or null
 */
public record LogLine(Level level, String message, @Nullable String fields) {
  @Override
  public String toString() {
    return level + ": " + message + (fields == null ? "" : " " + fields);
  }
}
