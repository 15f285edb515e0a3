package org.wasmbroker.step;

/** One compiled program of a handler: its name, its exact version and its digest. */
public record ModuleId(String handler, String version, Digest digest) {
  @Override
  public String toString() {
    return handler + "@" + version;
  }
}
