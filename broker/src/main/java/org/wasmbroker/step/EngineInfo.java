package org.wasmbroker.step;

/** A WebAssembly engine by name and version, such as {@code wasmtime} {@code 50.0.1}. */
public record EngineInfo(String name, String version) {
  @Override
  public String toString() {
    return name + " " + version;
  }
}
