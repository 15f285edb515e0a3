package org.wasmbroker.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option for the engine that runs guests. */
final class EngineOption {
  @Option(
      names = "--engine",
      paramLabel = "NAME",
      description = "wasmtime or wasmtime-java (sets engine.name).")
  private @Nullable String name;

  void putInto(ConfigOptions options) {
    options.put("engine.name", name);
  }
}
