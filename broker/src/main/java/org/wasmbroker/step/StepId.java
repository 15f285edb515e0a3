package org.wasmbroker.step;

import java.util.UUID;

/** Names one step; the same in every attempt. */
public record StepId(UUID value) {
  @Override
  public String toString() {
    return value.toString();
  }
}
