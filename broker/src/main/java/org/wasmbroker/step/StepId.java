package org.wasmbroker.step;

import java.util.UUID;

/** Identifies a step; the same in every attempt. */
public record StepId(UUID value) {
  @Override
  public String toString() {
    return value.toString();
  }
}
