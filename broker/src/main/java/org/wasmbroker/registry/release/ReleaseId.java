package org.wasmbroker.registry.release;

import org.wasmbroker.step.Version;

/** One version of a handler, wherever it comes from. */
public record ReleaseId(String handler, Version version) {
  @Override
  public String toString() {
    return handler + "@" + version;
  }
}
